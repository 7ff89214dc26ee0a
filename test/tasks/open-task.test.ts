import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { DataError, OptionError } from "../../src/engine/errors.js";
import { sourceFields } from "../../src/models/seq2seq.js";
import { type OpenOptions, openTask } from "../../src/tasks/open-task.js";
import { pairSettings } from "../../src/tasks/pairs/pair-options.js";
import { EosPairs, FixedPairs } from "../../src/tasks/pairs/text-codec.js";
import type { Task } from "../../src/tasks/task.js";
import { TaskOptions } from "../../src/tasks/task.js";
import { skipWithoutData } from "../helpers/data.js";
import { expectRejection } from "../helpers/errors.js";
import { makeFolder } from "../helpers/folder.js";
import { portsWithNotices } from "../helpers/notices.js";

/** A task with the messages of its notices. */
async function open(name: string, given: Partial<OpenOptions> = {}): Promise<Task & { notices: string[] }> {
  const { ports, notices } = portsWithNotices();
  const task = await openTask(name, { ...given, ...z.parse(TaskOptions, given), seed: 1 }, ports);
  return Object.assign(task, { notices });
}
const settings = pairSettings({ seed: 1, preset: "text", tokenizer: "words" });

/** A file of 100 pairs in a folder of its own. */
function makeFile(name: string, row: (i: number) => string): string {
  const path = join(makeFolder(), name);
  writeFileSync(path, Array.from({ length: 100 }, (_, i) => `${row(i)}\n`).join(""));
  return path;
}

describe("a task", () => {
  test("of a file of two columns is divided in three, by source, and cut by tokenizers of its own", async () => {
    const task = await open(makeFile("p.tsv", (i) => `wort ${i} und\tword ${i} and`));
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
    expect(task.notices[0]).toMatch(/^\d+ \+ \d+ \+ \d+ pairs for training, validation and test$/);
    expect(task.suggestion?.changes.tokenizer).toBe("characters");
  });

  test("of pairs too long to be trained on says how many there are; they stay in the test", async () => {
    const path = makeFile("p.tsv", (i) => `${"x ".repeat(i === 7 ? 50 : 3)}${i}\ty`);
    const task = await open(path, { test: "0.2", valid: "0" });
    const { train, test: held } = await task.load({ ...settings, maxTrainLength: 20 });
    expect(train.count + held.count).toBe(99);
    expect(task.notices.at(-1)).toBe("1 pairs of more than 20 tokens are not trained on (maxTrainLength)");
  });

  test("of fixed width is read as the book reads it, unless its texts are to be cut", async () => {
    const path = makeFile("sums.txt", (i) => `${String(i).padEnd(3)}_${String(i + 1).padEnd(4)}`);
    expect((await (await open(path)).load(settings)).tokenizer).toBeInstanceOf(FixedPairs);
    const asText = await (await open(path, { asText: true })).load(
      pairSettings({ seed: 1, preset: "text", tokenizer: "characters" }),
    );
    expect(asText.tokenizer).toBeInstanceOf(EosPairs);
    expect(asText.tokenizer.target.decode(asText.train.targets.row(0))).toMatch(/^\d+$/);
  });

  test.skipIf(skipWithoutData("date.txt"))(
    "says how many of the book's test questions stand in its training part",
    async () => {
      const task = await open(join(process.env["SEQLOOM_DATA"] ?? "", "date.txt"));
      expect(task.notices).toEqual(["1405 of the 5000 test questions also occur in training"]);
    },
  );

  test("is refused where the data are a folder, a pipe or nothing, whatever the ending would tell", async () => {
    const folder = makeFolder();
    const pipe = join(folder, "pipe");
    await expectRejection(DataError, open(folder), `${folder}: expected a data file, got a folder.`);
    await expectRejection(DataError, open(""), "data: expected the name of a file, got an empty one.");
    if (process.platform === "win32") return;
    execFileSync("mkfifo", [pipe]);
    const message = `${pipe}: expected a data file, got a pipe or a device.`;
    await expectRejection(DataError, open(pipe), message, "the data is read more than once: save it to a file first");
  });

  test("shares a vocabulary where both sides are cut alike and it is asked for", async () => {
    const task = await open(makeFile("p.tsv", (i) => `a ${i}\tb ${i}`));
    const shared = (await task.load({ ...settings, shareVocab: true })).tokenizer;
    const apart = (await task.load({ ...settings, shareVocab: false })).tokenizer;
    const [one, own] = [shared, apart].map((each) => sourceFields(each.source).sourceVocabSize ?? 0);
    expect(one).toBe(shared.target.size);
    expect(one).toBeGreaterThan(own ?? 0);
    expect(JSON.parse(JSON.stringify(shared))).toMatchObject({ type: "eos", target: null });
  });

  test.each([
    [{ test: "0.2" }, "test: expected texts of any length, got addition, which is of fixed width."],
    [
      { sourceFile: "a", targetFile: "b" },
      "sourceFile: expected texts of any length, got addition, which is of fixed width.",
    ],
    [{ skipInvalid: true }, "skipInvalid: expected texts of any length, got addition, which is of fixed width."],
  ])("is refused with options that its kind has not: %o", async (given, message) => {
    await expectRejection(OptionError, open("addition", given), message);
  });

  test("of texts has no digits and no book's split", async () => {
    const path = makeFile("p.tsv", (i) => `a ${i}\tb`);
    const message = "split: expected a file of fixed width, got texts of any length.";
    await expectRejection(OptionError, open(path, { split: "book" }), message, "leave it out");
  });

  test("says how many of a test file's sources also occur in training", async () => {
    const path = makeFile("p.tsv", (i) => `a ${i}\tb`);
    const { notices } = await open(path, { test: path });
    expect(notices.at(-1)).toMatch(/^\d+ of the 100 test pairs have a source that also occurs in training$/);
  });

  test("is refused where nothing is short enough to be trained on", async () => {
    const task = await open(makeFile("p.tsv", (i) => `a b c ${i}\td e f`));
    const message = "p: expected pairs of at most 2 tokens a side to train on, got none.";
    await expectRejection(DataError, task.load({ ...settings, maxTrainLength: 2 }), message, "raise maxTrainLength");
  });

  test("is refused where tokens are of no kind that there is", async () => {
    const task = await open(makeFile("p.tsv", (i) => `a ${i}\tb`));
    const message = 'tokenizer: expected one of characters, graphemes, words, bpe, or a tokenizer.json, got "word".';
    await expectRejection(OptionError, task.load({ ...settings, tokenizer: "word" }), message, "did you mean words?");
    await expect(open("none.tsv")).rejects.toThrow(DataError);
  });
});
