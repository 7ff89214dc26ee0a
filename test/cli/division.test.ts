import { basename } from "node:path";
import { expect, test, vi } from "vitest";
import { divideAsTrained } from "../../src/cli/division.js";
import { Output } from "../../src/cli/output.js";

/** What is said where a model of these options and seed 1 is evaluated with others. */
function messages(
  data: string,
  trained: object,
  asked: { readonly seed?: number; readonly length?: number },
  name = data,
): string[] {
  const output = new Output({ json: false, quiet: false });
  const said = vi.spyOn(output, "message").mockImplementation(() => {});
  const training = { data, seed: 1, epochs: 1, steps: 1, options: { ...trained }, scores: {} };
  divideAsTrained(name, { skipInvalid: false, ...asked }, training, output);
  return said.mock.calls.map(([words]) => words);
}

test("exercises are divided by a hash, so that only another seed divides them otherwise", () => {
  expect(messages("programs", { length: 1 }, { length: 2 })).toEqual([]);
  expect(messages("programs", {}, { length: 2 })).toEqual([]);
  expect(messages("programs", { length: 2 }, { length: 2, seed: 2 })).toEqual([
    "split differently from training, which used --seed 1: any set may contain training pairs",
  ]);
});

test.each([
  ["a file without its ending", "clips", "some/clips.tsv"],
  ["a folder with all of its name", "photos.2024", "some/photos.2024"],
  ["the folder in which one is", basename(process.cwd()), "."],
])("data are called as %s", (_, data, name) => {
  expect(messages(data, { test: "0.2" }, {}, name)).toEqual(["split as in training: --test 0.2"]);
});
