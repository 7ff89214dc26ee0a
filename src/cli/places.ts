import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod/mini";
import { OptionError } from "../errors.js";
import { expectWritable } from "../node/files.js";

/**
 * Finds out before long work that its files can be written. @throws where one exists and may not be replaced, too
 * @param otherwise what to do instead of replacing it
 */
export function expectPlaces(paths: readonly string[], mayReplace: boolean, otherwise = "choose --out"): void {
  for (const path of paths) {
    if (existsSync(path) && !mayReplace)
      throw new OptionError(
        `${path}: expected a new file, got one that exists.`,
        path.endsWith(".checkpoint.safetensors")
          ? "a run was interrupted: go on with --resume, or begin anew with --force"
          : `replace it with --force, or ${otherwise}`,
      );
    expectWritable(path);
  }
}

/** Where a training command leaves its files. */
export const TrainPlaces = z.object({
  out: z.optional(
    z.string().check(z.minLength(1), z.describe("where the model goes (default: <data>-<model>.safetensors)")),
  ),
  force: z._default(z.boolean().check(z.describe("replace an existing file")), false),
  resume: z._default(z.boolean().check(z.describe("go on from the checkpoint of an interrupted run")), false),
});

/** The files beside a model: its checkpoint and its report. @throws as `expectPlaces` */
export function trainPlaces(out: string, data: string, { force, resume }: { force: boolean; resume: boolean }) {
  const stem = out.replace(/\.safetensors$/, "");
  const [checkpoint, page] = [`${stem}.checkpoint.safetensors`, `${stem}.html`];
  for (const path of [out, checkpoint, page])
    if (resolve(path) === resolve(data))
      throw new OptionError(`${path}: expected another file than the data, got the same.`, "choose --out");
  expectPlaces([out, checkpoint, page], force || resume);
  return { checkpoint, page };
}
