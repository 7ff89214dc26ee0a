import type { Command } from "commander";
import * as z from "zod/mini";
import { keysOf } from "../../engine/check-options.js";
import { weightForms } from "../../files/dtypes.js";
import { exportModel, readModelFile } from "../../files/model-file.js";
import { readBytes, writeWhole } from "../../node/files.js";
import { grouped } from "../output.js";
import { expectPlaces } from "../places.js";
import { define } from "../session.js";

const Options = z.object({
  weights: z._default(z.enum(keysOf(weightForms)).check(z.describe("format of the weights")), "float16"),
  out: z.optional(
    z.string().check(z.minLength(1), z.describe("model file to write (default: <model>-<weights>.safetensors)")),
  ),
  force: z._default(z.boolean().check(z.describe("replace an existing file")), false),
});

/** `seqloom export <model>` */
export function exportCommand(program: Command): void {
  const command = program
    .command("export")
    .argument("<model>", "a model file, or a checkpoint")
    .description("write a smaller model file");
  define(command, Options, ({ options, output }, path = "") => {
    const { weights, force, out = `${path.replace(/\.safetensors$/, "")}-${weights}.safetensors` } = options;
    expectPlaces([out], { names: [path] }, force);
    const before = readBytes(path, "a model file");
    const file = readModelFile(path, before);
    const bytes = exportModel(file, weights);
    writeWhole(out, bytes);
    output.result({ kind: "saved", path: out, why: "export" }, out);
    if (file.metadata["checkpoint"] !== undefined)
      output.message("this is a checkpoint: only its model is exported, and training cannot resume from the export");
    output.message(`${weights}: ${grouped(bytes.length)} bytes instead of ${grouped(before.length)}`);
  });
}
