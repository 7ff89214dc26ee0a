import type { Command } from "commander";
import * as z from "zod/mini";
import { describeOption, keysOf } from "../../engine/check-options.js";
import { weightForms } from "../../files/dtypes.js";
import { exportModel, readModelFile } from "../../files/model-file.js";
import { readBytes, writeWhole } from "../../node/files.js";
import { grouped } from "../output.js";
import { expectPlaces } from "../places.js";
import { define } from "../session.js";

const Options = z.object({
  weights: z._default(
    z.enum(keysOf(weightForms)).check(describeOption("output", "Store the weights in this format")),
    "float16",
  ),
  out: z.optional(
    z
      .string()
      .check(z.minLength(1), describeOption("output", "Write the model to this file", "<model>-<weights>.safetensors")),
  ),
  force: z._default(z.boolean().check(describeOption("output", "Replace an existing file")), false),
});

/** `seqloom export <model>` */
export function exportCommand(program: Command): void {
  const command = program
    .command("export")
    .argument("<model>", "a model file, or a checkpoint")
    .description("Write a model with smaller weights, or a checkpoint as a model");
  define(command, Options, ({ options, output }, path = "") => {
    const { weights, force, out = `${path.replace(/\.safetensors$/, "")}-${weights}.safetensors` } = options;
    expectPlaces([out], { names: [path] }, force);
    const before = readBytes(path, "a model file");
    const file = readModelFile(path, before);
    const bytes = exportModel(file, weights);
    writeWhole(out, bytes);
    output.result({ kind: "saved", path: out, why: "export" }, out);
    if (file.metadata["checkpoint"] !== undefined)
      output.message("a checkpoint: only its model is exported, training cannot be resumed from it");
    output.message(`${weights}: ${grouped(bytes.length)} bytes instead of ${grouped(before.length)}`);
  });
}
