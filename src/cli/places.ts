import { existsSync } from "node:fs";
import { OptionError } from "../errors.js";
import { expectWritable } from "../node/files.js";

/** Finds out before long work that its files can be written. @throws where one exists and may not be replaced, too */
export function expectPlaces(paths: readonly string[], mayReplace: boolean): void {
  for (const path of paths) {
    if (existsSync(path) && !mayReplace)
      throw new OptionError(
        `${path}: expected a new file, got one that exists.`,
        path.endsWith(".checkpoint.safetensors")
          ? "a run was interrupted: go on with --resume, or begin anew with --force"
          : "replace it with --force, or choose --out",
      );
    expectWritable(path);
  }
}
