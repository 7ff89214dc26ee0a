import { linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectFailure } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";
import { makeModelFile } from "../helpers/models.js";

const pairs = Array.from({ length: 20 }, (_, i) => `a ${i}\tb ${i}\n`).join("");
const lines = Array.from({ length: 20 }, (_, i) => `a b ${i}\n`).join("");
const model = makeModelFile({ decoder: "attention" });
const contents = {
  ...{ "a.tsv": pairs, "held.tsv": pairs, "a.src": lines, "a.tgt": lines, "h.src": lines, "h.tgt": lines },
  ...{ "data/far.tsv": pairs, m: model, "m-float16.safetensors": model, "words.txt": "1\n2\n" },
};

describe("a command replaces nothing that it reads, not even with --force", () => {
  test.each([
    ["a.tsv", "train seq2seq a.tsv --out a.tsv"],
    ["held.tsv", "train seq2seq a.tsv --test held.tsv --out held.tsv"],
    ["held.tsv", "train seq2seq a.tsv --valid held.tsv --out held.tsv"],
    ["a.tgt", "train seq2seq --source-file a.src --target-file a.tgt --out a.tgt"],
    ["h.tgt", "train seq2seq --source-file a.src --target-file a.tgt --test h.src,h.tgt --out h.tgt"],
    ["data/far.tsv", "train seq2seq far.tsv --data-dir data --out data/far.tsv"],
    ["./data/../a.tsv", "train seq2seq a.tsv --out ./data/../a.tsv"],
    ["linked", "train seq2seq a.tsv --out linked"],
    ["a.tsv", "compare a.tsv --out a.tsv"],
    ["a.src", "train lm a.src --out a.src"],
    ["m", "predict m 1+2 --attention-html m", "choose another name"],
    ["words.txt", "predict m 1+2 --words words.txt --attention-html words.txt", "choose another name"],
    ["m-float16.safetensors", "export m-float16.safetensors --out m-float16.safetensors"],
    ["a.src", "import m --vocab a.src --out a.src"],
  ])("%s: %s", async (path, command, hint = "choose --out") => {
    const cwd = makeFolder();
    mkdirSync(join(cwd, "data"));
    for (const [name, content] of Object.entries(contents)) writeFileSync(join(cwd, name), content);
    linkSync(join(cwd, "a.tsv"), join(cwd, "linked"));
    const message = `${path}: expected an output file, got one of the inputs.`;
    await expectFailure([...command.split(" "), "--force"], cwd, { status: 2, message, hint });
    for (const [name, content] of Object.entries(contents))
      expect(readFileSync(join(cwd, name)).equals(Buffer.from(content))).toBe(true);
  });
});
