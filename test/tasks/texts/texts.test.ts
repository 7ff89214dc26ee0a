import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DataError } from "../../../src/engine/errors.js";
import { nodeFiles, nodePorts } from "../../../src/node/data-files.js";
import { FileText } from "../../../src/tasks/texts/text-file.js";
import { loadText } from "../../../src/tasks/texts/texts.js";
import { Characters } from "../../../src/text/characters.js";
import { splitWords, Words } from "../../../src/text/words.js";
import { skipWithoutData } from "../../helpers/data.js";
import { makeFolder } from "../../helpers/folder.js";

const characters = { tokenizer: "characters", vocabSize: 100 } as const;

function file(content: string | Uint8Array): string {
  const path = join(makeFolder(), "text.txt");
  writeFileSync(path, content);
  return path;
}

describe("a text in a file", () => {
  test("gives any part of itself, over the borders of the pieces it is read in", () => {
    const text = Array.from(
      { length: 200_000 },
      (_, i) => ["a", "é", "漢", "😀", "\n"][(i * i + (i >> 4)) % 5] ?? "",
    ).join("");
    const path = file(text);
    const tokenizer = Characters.of(text);
    const ids = tokenizer.encode(text);
    const whole = new FileText(nodeFiles().open(path, path), "character", tokenizer, 0, Buffer.byteLength(text));
    expect(whole.length).toBe(ids.length);
    for (const [from, to] of [
      [0, 10],
      [ids.length - 5, ids.length],
      [100_000, 190_000],
      [7, ids.length],
    ] as const)
      expect(whole.read(from, to)).toEqual(Int32Array.from(ids.slice(from, to)));
  });

  test("never cuts a word", () => {
    const text = Array.from({ length: 90_000 }, (_, i) => `word${(i * 31) % 97}${i % 11 === 0 ? "\n" : " "}`).join("");
    const counts = new Map(splitWords(text).map((word) => [word, 1]));
    const words = Words.of(counts, 1000);
    const path = file(text);
    const whole = new FileText(nodeFiles().open(path, path), "word", words, 0, Buffer.byteLength(text));
    expect(whole.read(0, whole.length)).toEqual(Int32Array.from(words.encode(text)));
  });
});

describe("loading a text", () => {
  test("cuts the last tenth off for the test, and the twentieth before it for validation", async () => {
    const text = "0123456789\n".repeat(200);
    const { train, valid, test: held, tokenizer } = await loadText(file(text), characters, nodePorts());
    expect([train.length, valid.length, held.length]).toEqual([1870, 110, 220]);
    const parts = [train, valid, held].map((part) => tokenizer.decode(part.read(0, part.length)));
    expect(parts.join("")).toBe(text);
  });

  test("keeps the most frequent words in order of first appearance, with <unk> among them", () => {
    const counts = new Map([
      ["b", 3],
      ["a", 9],
      ["c", 3],
      ["d", 1],
    ]);
    expect(Words.of(counts, 3).words).toEqual(["b", "a", "<unk>"]);
    expect(Words.of(counts, 3).encode("a d\nb")).toEqual([1, 2, 2, 0]);
  });

  test.each([
    ["an empty file", "", /expected a text, got an empty file\./],
    ["one token", "a", /expected at least 2 tokens for the (training|validation) set/],
    [
      "no UTF-8",
      Uint8Array.of(...Buffer.from("ab\ncd\n".repeat(50)), 0xff, 0x20, 0x61),
      /text\.txt:\d+ or after: expected UTF-8 text/,
    ],
  ])("refuses %s", async (_, content, message) => {
    const error: unknown = await loadText(file(content), characters, nodePorts()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    expect(String(error)).toMatch(message);
  });
});

describe.skipIf(skipWithoutData("ptb/ptb.train.txt"))("Penn Treebank", () => {
  test("has the vocabulary and the numbers of tokens that Mikolov's preparation has", async () => {
    const {
      tokenizer,
      train,
      valid,
      test: held,
    } = await loadText("ptb", { tokenizer: "words", vocabSize: 10_000 }, nodePorts());
    expect(tokenizer.size).toBe(10_000);
    expect([train.length, valid.length, held.length]).toEqual([929_589, 73_760, 82_430]);
    expect([tokenizer.token(0), tokenizer.token(1), tokenizer.idOf("<unk>") < 10_000]).toEqual([
      "aer",
      "banknote",
      true,
    ]);
  });
});
