import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod/mini";
import type { AnswerOptions } from "../../src/decode/answer.js";
import { predict } from "../../src/decode/predict.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { writeModel } from "../../src/files/model-file.js";
import { corpusBleu } from "../../src/metrics/bleu.js";
import { corpusChrf } from "../../src/metrics/chrf.js";
import { Seq2Seq } from "../../src/models/seq2seq.js";
import type { SavedSeq2Seq } from "../../src/tasks/model-kinds.js";
import { EosPairs } from "../../src/tasks/pairs/text-codec.js";
import { Characters } from "../../src/text/characters.js";
import { Words } from "../../src/text/words.js";
import { expectFailure, runForReports, runHere } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";
import { makeModelFile, makeTextModelFile } from "../helpers/models.js";
import { drawTexts, trainTextModel } from "../helpers/text-model.js";

const backend = openReference();
const texts = [...new Set(drawTexts(400, 4))].filter((text) => text.length > 2).slice(0, 100);
let saved: SavedSeq2Seq | undefined;
let bytes: Uint8Array = new Uint8Array(0);
beforeAll(async () => {
  saved = await trainTextModel(backend);
  bytes = writeModel({ ...saved, training: { data: "d", seed: 7, epochs: 4, steps: 1, options: {}, scores: {} } });
});

const answers = (options: AnswerOptions = {}): string[] => {
  if (!saved) throw new Error("expected a model");
  return predict(backend, saved.model, saved.tokenizer, texts, options).map(({ output }) => output || "a");
};

/** A folder with the model, and files of pairs that are given as rows. */
function folder(files: Readonly<Record<string, readonly (readonly [string, string])[]>>): string {
  const cwd = makeFolder();
  writeFileSync(join(cwd, "m"), bytes);
  for (const [name, rows] of Object.entries(files))
    writeFileSync(join(cwd, name), rows.map((row) => `${row.join("\t")}\n`).join(""));
  return cwd;
}

const evaluate = async (cwd: string, flags: string) => {
  const [report, ...more] = await runForReports(["eval", "m", "--backend", "reference", ...flags.split(" ")], cwd);
  expect(more).toEqual([]);
  return report ?? { kind: "none" };
};

/** Rows whose target is the model's own answer, but for one letter more in the first `wrong` of them. */
const rowsWith = (wrong: number): [string, string][] =>
  answers().map((answer, i) => [texts[i] ?? "", i < wrong ? `${answer}d` : answer]);

describe("eval of pairs of texts", () => {
  test("gives error rate, BLEU and chrF beside exact match and perplexity, of all rows of a file", async () => {
    const rows = rowsWith(20);
    const cwd = folder({ "pairs.tsv": rows });
    const report = await evaluate(cwd, "pairs.tsv --on all");
    const letters = rows.reduce((sum, [, target]) => sum + target.length, 0);
    expect(report).toMatchObject({ kind: "evaluation", set: "all", count: 100, exactMatch: 0.8 });
    expect(report["errorRate"]).toBeCloseTo(20 / letters, 12);
    const [said, references] = [answers(), rows.map(([, target]) => [target])];
    expect(report["chrf"]).toBeCloseTo(corpusChrf(said, references).score, 9);
    expect(report["bleu"]).toBeCloseTo(corpusBleu(said, references).score, 9);
    expect(report["signatures"]).toEqual({
      bleu: "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0",
      chrf: "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0",
    });
    expect(report["perplexity"]).toBeCloseTo(Math.exp(Number(report["loss"])), 9);
  });

  test("writes a line for each score", async () => {
    const { stdout, stderr } = await runHere(
      ["eval", "m", "pairs.tsv", "--on", "all"],
      folder({ "pairs.tsv": rowsWith(20) }),
    );
    expect(stderr).toMatch(/^\d+ \+ \d+ \+ \d+ pairs for training, validation and test\n$/);
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(/^all: 100 questions, answered in \d/);
    expect(lines.slice(1, 9).map((line) => line.replace(/[\d.]+( %)?$/, "#$1"))).toEqual([
      "exact match               # %",
      "position accuracy         # %",
      "error rate (characters)   # %",
      "BLEU                      #",
      "chrF                      #",
      "perplexity                #",
      "BLEU  nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:#",
      "chrF  nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:#",
    ]);
    expect(lines[1]).toContain(" 80.0 %");
    expect(lines.slice(9).filter((line) => /^ {2}[☑☒] /.test(line))).toHaveLength(10);
  });

  test("cuts texts for BLEU as asked", async () => {
    const rows = rowsWith(20);
    const report = await evaluate(folder({ "pairs.tsv": rows }), "pairs.tsv --on all --bleu-tokenize char");
    const references = rows.map(([, target]) => [target]);
    expect(report["bleu"]).toBeCloseTo(corpusBleu(answers(), references, { tokenize: "char" }).score, 9);
    expect(report["signatures"]).toMatchObject({ bleu: expect.stringContaining("|tok:char|") });
  });

  test("holds an answer against all targets of its source", async () => {
    const rows = rowsWith(0).flatMap(([source, target]): [string, string][] => [
      [source, "dd"],
      [source, target],
    ]);
    const report = await evaluate(folder({ "pairs.tsv": rows }), "pairs.tsv --on all");
    expect(report).toMatchObject({ count: 100, exactMatch: 1, errorRate: 0 });
    expect(report["signatures"]).toMatchObject({ bleu: expect.stringMatching(/^nrefs:2\|/) });
  });

  test("scores the answers that a search finds", async () => {
    const rows = answers({ beam: 4, lengthPenalty: 0 }).map((answer, i): [string, string] => [texts[i] ?? "", answer]);
    const cwd = folder({ "pairs.tsv": rows });
    const searched = await evaluate(cwd, "pairs.tsv --on all --beam 4 --length-penalty 0");
    const greedy = await evaluate(cwd, "pairs.tsv --on all");
    expect(searched["exactMatch"]).toBe(1);
    expect(greedy["exactMatch"]).toBeLessThan(1);
    expect(greedy["loss"]).toBe(searched["loss"]);
  });

  test("adds intervals that a seed draws", async () => {
    const cwd = folder({ "pairs.tsv": rowsWith(20) });
    const Interval = z.object({ low: z.number(), high: z.number() });
    const confidenceOf = async (seed: number) =>
      z
        .record(z.string(), Interval)
        .parse((await evaluate(cwd, `pairs.tsv --on all --confidence --seed ${seed}`))["confidence"]);
    const first = await confidenceOf(1);
    expect(Object.keys(first)).toEqual([
      "exactMatch",
      "positionAccuracy",
      "errorRate",
      "bleu",
      "chrf",
      "loss",
      "perplexity",
    ]);
    // Of 100 answers 80 are right: 0.8 ± 1.96·√(0.8·0.2 / 100)
    expect(first["exactMatch"]?.low).toBeCloseTo(0.72, 1);
    expect(first["exactMatch"]?.high).toBeCloseTo(0.88, 1);
    expect(await confidenceOf(1)).toEqual(first);
    expect(await confidenceOf(2)).not.toEqual(first);
    const { stdout } = await runHere(["eval", "m", "pairs.tsv", "--on", "all", "--confidence"], cwd);
    expect(stdout).toMatch(/^exact match {15}80\.0 % \(7\d\.\d – 8\d\.\d %\)$/m);
  });

  test("says what also occurs in training, and scores the rest by itself", async () => {
    const rows = rowsWith(20);
    const cwd = folder({ "train.tsv": [...rows.slice(0, 30), ["dddd", "d"], ["dddda", "d"]], "test.tsv": rows });
    const report = await evaluate(cwd, "train.tsv --test test.tsv --valid 0");
    expect(report).toMatchObject({
      ...{ count: 100, exactMatch: 0.8 },
      overlap: { count: 30, without: { count: 70, exactMatch: 1, errorRate: 0 } },
    });
    const { stdout } = await runHere(["eval", "m", "train.tsv", "--test", "test.tsv", "--valid", "0"], cwd);
    expect(
      stdout
        .split("\n")
        .slice(1, 3)
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ["", "all 100", "70 not in training"],
      ["exact match", "80.0 %", "100.0 %"],
    ]);
    expect(await evaluate(cwd, "train.tsv --test test.tsv --valid 0 --on train")).not.toHaveProperty("overlap");
    expect(await evaluate(cwd, "test.tsv")).not.toHaveProperty("overlap");
  });

  test("takes the part that was held out by the seed that the model was trained with", async () => {
    const cwd = folder({ "pairs.tsv": rowsWith(50) });
    const own = await evaluate(cwd, "pairs.tsv");
    expect(await evaluate(cwd, "pairs.tsv --seed 7")).toEqual(own);
    expect((await evaluate(cwd, "pairs.tsv --seed 8"))["samples"]).not.toEqual(own["samples"]);
  });

  test("refuses what there is none of", async () => {
    const cwd = folder({ "pairs.tsv": rowsWith(0), "empty.tsv": [["", ""]] });
    await expectFailure(["eval", "m", "pairs.tsv", "--on", "valid", "--valid", "0"], cwd, {
      ...{ status: 1, message: "--on: expected pairs in the valid set, got none." },
      hint: "set --valid to a file or a share",
    });
    writeFileSync(join(cwd, "m"), makeModelFile());
    await expectFailure(["eval", "m", "addition", "--on", "valid"], cwd, {
      ...{ status: 2, message: "--on: expected test, train or all for files of fixed width, got valid." },
    });
    writeFileSync(join(cwd, "m"), makeTextModelFile());
    await expectFailure(["eval", "m", "pairs.tsv", "--on", "all"], cwd, {
      ...{ status: 2, message: "--on: expected test, valid or train for a language model, got all." },
    });
  });
});

describe("eval on the data of the training", () => {
  /** 200 questions, each with a name of its own. */
  const rows = Array.from({ length: 200 }, (_, i) => [`who is n${i} ?`, i % 2 === 0 ? "he" : "she"] as const);
  const train = async (flags: string) => {
    const cwd = folder({ "names.tsv": rows, "held.tsv": rows.slice(0, 7) });
    const sizes = "--tokenizer words --hidden-size 4 --embedding-size 2 --epochs 1 --batch-size 50 --backend reference";
    const command = `train seq2seq names.tsv ${sizes} --out m ${flags} --force`;
    return { cwd, outcome: await runHere(command.split(" "), cwd) };
  };
  const notesOf = async (cwd: string, flags: string) => {
    const { status, stderr } = await runHere(`eval m names.tsv --backend reference ${flags}`.trim().split(" "), cwd);
    expect(status).toBe(0);
    return stderr.split("\n").slice(0, -1);
  };

  test("scores the pairs that were held out there, whether by a share, by a file or row by row", async () => {
    for (const [flags, parts] of [
      ["--test 0.02 --valid 0", "197 + 0 + 3"],
      ["--valid 0 --test held.tsv", "200 + 0 + 7"],
      ["--test 0.4 --group-by row --seed 3", "115 + 12 + 73"],
    ] as const) {
      const { cwd, outcome } = await train(flags);
      expect(outcome.stderr).toContain(`${parts} pairs for training, validation and test\n`);
      const count = Number(parts.split(" ").at(-1));
      expect(await evaluate(cwd, "names.tsv")).toMatchObject({ set: "test", count });
      const [said, counts] = await notesOf(cwd, "");
      expect(
        said
          ?.split(/ (?=--)/)
          .slice(1)
          .sort(),
      ).toEqual(
        flags
          .replace(" --seed 3", "")
          .split(/ (?=--)/)
          .sort(),
      );
      expect(counts).toContain(parts);
    }
  });

  test("warns where another division is asked for", async () => {
    const { cwd } = await train("--test 0.02 --valid 0");
    const warning = (flags: string) =>
      `split differently from training, which used ${flags}: any set may contain training pairs`;
    expect(await notesOf(cwd, "--test 0.3 --seed 2")).toEqual([
      "split as in training: --valid 0",
      warning("--test 0.02 and --seed 1"),
      expect.stringMatching(/^1\d\d \+ 0 \+ \d\d pairs for /),
    ]);
    expect(await notesOf(cwd, "--group-by row")).toContain(warning("no --group-by"));
    writeFileSync(join(cwd, "other.tsv"), rows.map((row) => `${row.join("\t")}\n`).join(""));
    const { stderr } = await runHere("eval m other.tsv --test 0.3 --backend reference".split(" "), cwd);
    expect(stderr).toMatch(/^\d+ \+ \d+ \+ \d+ pairs for training, validation and test\n$/);
  });

  test("counts questions that the model reads alike, and shows them as they were written", async () => {
    const { cwd, outcome } = await train("--test 0.4 --valid 0");
    const [, asked = ""] = /seqloom predict m '(.*)'\n$/.exec(outcome.stderr) ?? [];
    expect(asked).toMatch(/^who is n\d+ \?$/);
    const { stdout } = await runHere("eval m names.tsv --backend reference".split(" "), cwd);
    expect(stdout).toMatch(/^test: [78]\d questions/);
    expect(stdout).toContain(` ${asked} `);
    expect(stdout).not.toContain("<unk>");
  });

  test("says how many bad rows were left out", async () => {
    const { cwd } = await train("--test 0.02 --valid 0");
    writeFileSync(join(cwd, "names.tsv"), "who\tis\tthat\n\tshe\n", { flag: "a" });
    expect(await notesOf(cwd, "--skip-invalid")).toContain(
      "2 rows skipped: 1 with other columns than the first, 1 with an empty source or target",
    );
  });
});

describe("eval of words and their pronunciation", () => {
  const phonemes = new Words(["<unk>", "AE", "B", "IY", "K", "T"], { lines: false });
  const tokenizer = new EosPairs(new Characters([..."abcty"]), phonemes, { source: 6, target: 5 });

  test("gives the phoneme error rate, and the share of words that are said in one of their ways", async () => {
    const model = Seq2Seq.for(backend, { tokenizer }, { hiddenSize: 5, embeddingSize: 4 }).initialize(2);
    const limits = { minLength: 2, maxLength: 3, suppress: [phonemes.idOf("<unk>"), phonemes.idOf("K")] };
    const [cat = "", abby = ""] = predict(backend, model, tokenizer, ["cat", "abby"], limits).map(
      ({ output }) => output,
    );
    const cwd = makeFolder();
    writeFileSync(join(cwd, "m"), writeModel({ model, tokenizer }));
    writeFileSync(join(cwd, "words.tsv"), `cat\tK K K K K\ncat\t${cat}\nabby\t${abby.replace(/^\w+/, "K")}\n`);
    const flags = "words.tsv --on all --min-length 2 --max-length 3 --suppress <unk>,K";
    const report = await evaluate(cwd, flags);
    expect(report).toMatchObject({ count: 2, exactMatch: 0.5 });
    expect(report["errorRate"]).toBeCloseTo(1 / `${cat} ${abby}`.split(" ").length, 12);
    const { stdout } = await runHere(["eval", "m", ...flags.split(" ")], cwd);
    expect(stdout).toMatch(/^error rate \(words\) {3}\d+\.\d\d %$/m);
  });
});
