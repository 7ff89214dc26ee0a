import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { DataError, OptionError } from "../../src/engine/errors.js";
import { sourceFields } from "../../src/models/seq2seq.js";
import { openTask, TaskOptions } from "../../src/tasks/open-task.js";
import { pairSettings } from "../../src/tasks/pairs/pair-options.js";
import { EosPairs, FixedPairs } from "../../src/tasks/pairs/text-codec.js";
import { skipWithoutData } from "../helpers/data.js";
import { expectError, expectRejection } from "../helpers/errors.js";
import { makeFolder } from "../helpers/folder.js";

const options = (given: object = {}) => z.parse(TaskOptions, given);
const settings = pairSettings({ seed: 1, preset: "text", tokenizer: "words" });

/** A file of 100 pairs in a folder of its own. */
function makeFile(name: string, row: (i: number) => string): string {
  const path = join(makeFolder(), name);
  writeFileSync(path, Array.from({ length: 100 }, (_, i) => `${row(i)}\n`).join(""));
  return path;
}

describe("a task", () => {
  test("of a file of two columns is divided in three, by source, and cut by tokenizers of its own", async () => {
    const task = openTask(
      makeFile("p.tsv", (i) => `wort ${i} und\tword ${i} and`),
      options(),
      1,
      false,
    );
    const { train, valid, test: held, tokenizer, name } = await task.load(settings);
    expect(name).toBe("p");
    expect(train.count + (valid?.count ?? 0) + held.count).toBe(100);
    expect(held.count).toBeGreaterThan(2);
    expect(tokenizer).toBeInstanceOf(EosPairs);
    const [source, target] = [
      tokenizer.source.decode(train.sources.row(0)),
      tokenizer.target.decode(train.targets.row(0)),
    ];
    expect(target.split(" ")[1]).toBe(source.split(" ")[1]);
    expect([...train.targets.row(0)].at(-1)).toBe(tokenizer.target.end);
    expect(task.notes[0]).toMatch(/^\d+ \+ \d+ \+ \d+ pairs for training, validation and test$/);
    expect(task.suggestion?.changes.tokenizer).toBe("characters");
  });

  test("of pairs too long to be trained on says how many there are; they stay in the test", async () => {
    const path = makeFile("p.tsv", (i) => `${"x ".repeat(i === 7 ? 50 : 3)}${i}\ty`);
    const task = openTask(path, options({ test: "0.2", valid: "0" }), 1, false);
    const { train, test: held } = await task.load({ ...settings, maxTrainLength: 20 });
    expect(train.count + held.count).toBe(99);
    expect(task.notes.at(-1)).toBe("1 pairs of more than 20 tokens are not trained on (--max-train-length)");
  });

  test("of fixed width is read as the book reads it, unless its texts are to be cut", async () => {
    const path = makeFile("sums.txt", (i) => `${String(i).padEnd(3)}_${String(i + 1).padEnd(4)}`);
    expect((await openTask(path, options(), 1, false).load(settings)).tokenizer).toBeInstanceOf(FixedPairs);
    const asText = await openTask(path, options(), 1, true).load(
      pairSettings({ seed: 1, preset: "text", tokenizer: "characters" }),
    );
    expect(asText.tokenizer).toBeInstanceOf(EosPairs);
    expect(asText.tokenizer.target.decode(asText.train.targets.row(0))).toMatch(/^\d+$/);
  });

  test.skipIf(skipWithoutData("date.txt"))(
    "says how many of the book's test questions stand in its training part",
    () => {
      const task = openTask(join(process.env["SEQLOOM_DATA"] ?? "", "date.txt"), options(), 1, false);
      expect(task.notes).toEqual(["1405 of the 5000 test questions also occur in training"]);
    },
  );

  test("is refused where the data are a folder, a pipe or nothing, whatever the ending would tell", () => {
    const folder = makeFolder();
    const pipe = join(folder, "pipe");
    const open = (name: string) => openTask(name, options(), 1, false);
    expectError(DataError, () => open(folder), `${folder}: expected a data file, got a folder.`);
    expectError(DataError, () => open(""), "data: expected the name of a file, got an empty one.");
    if (process.platform === "win32") return;
    execFileSync("mkfifo", [pipe]);
    const message = `${pipe}: expected a data file, got a pipe or a device.`;
    expectError(DataError, () => open(pipe), message, "write the data to a file first");
  });

  test("shares a vocabulary where both sides are cut alike and it is asked for", async () => {
    const task = openTask(
      makeFile("p.tsv", (i) => `a ${i}\tb ${i}`),
      options(),
      1,
      false,
    );
    const shared = (await task.load({ ...settings, shareVocab: true })).tokenizer;
    const apart = (await task.load({ ...settings, shareVocab: false })).tokenizer;
    const [one, own] = [shared, apart].map((each) => sourceFields(each.source).sourceVocabSize ?? 0);
    expect(one).toBe(shared.target.size);
    expect(one).toBeGreaterThan(own ?? 0);
    expect(shared.toJSON()).toMatchObject({ type: "eos", target: null });
  });

  test.each([
    [{ test: "0.2" }, "--test: expected texts of any length, got addition, which is of fixed width."],
    [
      { sourceFile: "a", targetFile: "b" },
      "--source-file: expected texts of any length, got addition, which is of fixed width.",
    ],
    [{ skipInvalid: true }, "--skip-invalid: expected texts of any length, got addition, which is of fixed width."],
  ])("is refused with options that its kind has not: %o", (given, message) => {
    expectError(OptionError, () => openTask("addition", options(given), 1, false), message);
  });

  test("of texts has no digits and no book's split", () => {
    const path = makeFile("p.tsv", (i) => `a ${i}\tb`);
    const message = "--split: expected a file of fixed width, got texts of any length.";
    expectError(OptionError, () => openTask(path, options({ split: "book" }), 1, false), message, "leave it out");
  });

  test("says how many of a test file's sources also occur in training", () => {
    const path = makeFile("p.tsv", (i) => `a ${i}\tb`);
    const { notes } = openTask(path, options({ test: path }), 1, false);
    expect(notes.at(-1)).toMatch(/^\d+ of the 100 test pairs have a source that also occurs in training$/);
  });

  test("is refused where nothing is short enough to be trained on", async () => {
    const task = openTask(
      makeFile("p.tsv", (i) => `a b c ${i}\td e f`),
      options(),
      1,
      false,
    );
    const message = "p: expected pairs of at most 2 tokens a side to train on, got none.";
    await expectRejection(
      DataError,
      task.load({ ...settings, maxTrainLength: 2 }),
      message,
      "raise --max-train-length",
    );
  });

  test("is refused where tokens are of no kind that there is", async () => {
    const task = openTask(
      makeFile("p.tsv", (i) => `a ${i}\tb`),
      options(),
      1,
      false,
    );
    const message = '--tokenizer: expected one of characters, graphemes, words, bpe, or a tokenizer.json, got "word".';
    await expectRejection(OptionError, task.load({ ...settings, tokenizer: "word" }), message, "did you mean words?");
    expect(() => openTask("none.tsv", options(), 1, false)).toThrow(DataError);
  });
});
