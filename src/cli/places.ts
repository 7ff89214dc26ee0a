import { existsSync, statSync } from "node:fs";
import * as z from "zod/mini";
import { describeOption } from "../engine/check-options.js";
import { OptionError } from "../engine/errors.js";
import { nodeFiles } from "../node/data-files.js";
import { expectWritable, folderStorage } from "../node/files.js";
import type { Storage } from "../run/storage.js";
import { candidates } from "../tasks/files.js";
import type { PairOptions } from "../tasks/pairs/pair-options.js";
import type { TaskOptions } from "../tasks/task.js";

/** The inputs of a command: file names as given, and the folder that is searched for them. */
export interface Inputs {
  readonly names: readonly (string | undefined)[];
  readonly dataDir?: string | undefined;
}

/**
 * Checks before long work that its output files can be written.
 * @param otherwise a hint: the alternative to replacing a file
 * @throws OptionError if a file exists and may not be replaced, or is also an input
 */
export function expectPlaces(
  paths: readonly string[],
  { names, dataDir }: Inputs,
  mayReplace: boolean,
  otherwise = "choose --out",
): void {
  const files = nodeFiles({ dataDir });
  const read = names.flatMap((name) => (name === undefined ? [] : candidates(files, name)));
  for (const path of paths) {
    if (read.some((input) => isSame(path, input)))
      throw new OptionError(`${path}: expected an output file, got one of the inputs.`, otherwise);
    if (existsSync(path) && !mayReplace)
      throw new OptionError(
        `${path}: expected a new file, got one that exists.`,
        path.endsWith(".checkpoint.safetensors")
          ? "a run was interrupted: continue it with --resume, or start over with --force"
          : `replace it with --force, or ${otherwise}`,
      );
    expectWritable(path);
  }
}

/** True if both paths refer to the same existing file. */
function isSame(a: string, b: string): boolean {
  if (!existsSync(a) || !existsSync(b)) return false;
  const [one, other] = [statSync(a, { bigint: true }), statSync(b, { bigint: true })];
  return one.ino === other.ino && one.dev === other.dev;
}

/** The files that a task's options may name: data, held-out sets, tokenizers. Values that are not file names do no harm. */
export function taskInputs(
  name: string | undefined,
  {
    sourceFile,
    targetFile,
    valid,
    test,
    tokenizer,
    targetTokenizer,
    dataDir,
  }: TaskOptions & Pick<PairOptions, "tokenizer" | "targetTokenizer">,
): Inputs {
  const held = [valid, test].flatMap((given) => (given === undefined ? [] : [given, ...given.split(",")]));
  return { names: [name, sourceFile, targetFile, ...held, tokenizer, targetTokenizer], dataDir };
}

/** The output files of a training command. */
export interface RunPlaces {
  readonly files: { readonly storage: Storage; readonly checkpoint: string; readonly out: string };
  /** The report. */
  readonly page: string;
}

/** The options of a training command for its files. */
export const TrainPlaces = z.object({
  out: z.optional(
    z
      .string()
      .check(z.minLength(1), describeOption("output", "Write the model to this file", "<data>-<preset>.safetensors")),
  ),
  force: z._default(z.boolean().check(describeOption("output", "Replace existing files")), false),
  resume: z._default(
    z.boolean().check(describeOption("output", "Resume from the checkpoint of an interrupted run")),
    false,
  ),
});

/** The paths of a training run: the model, with its checkpoint and report beside it. @throws as `expectPlaces` */
export function trainPlaces(
  out: string,
  inputs: Inputs,
  { force, resume }: { force: boolean; resume: boolean },
): RunPlaces {
  const stem = out.replace(/\.safetensors$/, "");
  const [checkpoint, page] = [`${stem}.checkpoint.safetensors`, `${stem}.html`];
  expectPlaces([out, checkpoint, page], inputs, force || resume);
  return { files: { storage: folderStorage(), checkpoint, out }, page };
}
