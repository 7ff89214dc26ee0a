import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { AnswerOptions } from "../../src/decode/answer.js";
import { forcedScores } from "../../src/decode/forced-scores.js";
import { predict } from "../../src/decode/predict.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { writeModel } from "../../src/files/model-file.js";
import type { SavedSeq2Seq } from "../../src/tasks/model-kinds.js";
import { encodePairs } from "../../src/tasks/pairs/pairs.js";
import { EosPairs } from "../../src/tasks/pairs/text-codec.js";
import { Characters } from "../../src/text/characters.js";
import { expectFailure, outcomeOf, reportsOf, runForReports, runHere, start } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";
import { makeModelFile, makeTextModelFile } from "../helpers/models.js";
import { drawTexts, trainTextModel } from "../helpers/text-model.js";

const backend = openReference();
let saved: SavedSeq2Seq | undefined;
let bytes: Uint8Array = new Uint8Array(0);
beforeAll(async () => {
  saved = await trainTextModel(backend);
  bytes = writeModel(saved);
});

function folder(): string {
  const cwd = makeFolder();
  writeFileSync(join(cwd, "m"), bytes);
  return cwd;
}

const predictions = (inputs: readonly string[], options: AnswerOptions = {}) => {
  if (!saved) throw new Error("expected a model");
  return predict(backend, saved.model, saved.tokenizer, inputs, options);
};
const command = (flags: string, ...texts: string[]) => [
  ...["predict", "m", "--backend", "reference"],
  ...flags.split(" ").filter(Boolean),
  ...texts,
];
const linesOf = async (flags: string, ...texts: string[]) =>
  (await runHere(command(flags, ...texts), folder())).stdout.split("\n").slice(0, -1);

describe("predict", () => {
  test("searches, draws and limits as the library does", async () => {
    const texts = ["abcd", "dd", "cabbac"];
    const cases: [string, AnswerOptions][] = [
      ["--beam 5 --length-penalty 1.5 --coverage-penalty 0.3", { beam: 5, lengthPenalty: 1.5, coveragePenalty: 0.3 }],
      ["--temperature 2 --top-k 3 --top-p 0.9 --seed 5", { temperature: 2, topK: 3, topP: 0.9, seed: 5 }],
      ["--no-repeat-ngram 2 --min-length 4 --max-length 5", { noRepeatNgram: 2, minLength: 4, maxLength: 5 }],
    ];
    for (const [flags, options] of cases)
      expect(await linesOf(flags, ...texts)).toEqual(predictions(texts, options).map(({ output }) => output));
  });

  test("draws others for another seed, and for the same text again", async () => {
    const texts = Array.from({ length: 20 }, () => "abcd");
    const drawn = await linesOf("--temperature 3", ...texts);
    expect(new Set(drawn).size).toBeGreaterThan(5);
    expect(await linesOf("--temperature 3 --seed 2", ...texts)).not.toEqual(drawn);
  });

  test("with --n-best writes a line for each answer: rank, score, answer", async () => {
    const [ab, cd] = predictions(["ab", "cd"], { beam: 4, nBest: 3 });
    const listed = [ab, cd].flatMap((best) => [best, ...(best?.others ?? [])]);
    expect(await linesOf("--beam 4 --n-best 3", "ab", "cd")).toEqual(
      listed.map((each, i) => `${(i % 3) + 1}\t${each?.score}\t${each?.output}`),
    );
    const reports = await runForReports(command("--beam 4 --n-best 3", "ab", "cd"), folder());
    expect(reports).toEqual(
      listed.map((each, i) => ({
        ...{ kind: "prediction", input: i < 3 ? "ab" : "cd", output: each?.output, score: each?.score },
        rank: (i % 3) + 1,
      })),
    );
  });

  test("with --score-target prints the score of that answer", async () => {
    if (!saved) throw new Error("expected a model");
    const [score] = forcedScores(
      backend,
      saved.model,
      encodePairs(saved.tokenizer, [{ source: "abc", target: "cba" }]),
    );
    expect(await linesOf("--score-target cba", "abc")).toEqual([String(score)]);
    const [report] = await runForReports(command("--score-target cba", "abc"), folder());
    expect(report).toEqual({ kind: "prediction", input: "abc", output: "cba", score });
    for (const texts of [[], ["a", "b"]])
      await expectFailure(command("--score-target cba", ...texts), folder(), {
        ...{ status: 2, message: `--score-target: expected exactly one text as its source, got ${texts.length}.` },
      });
  });

  test("with --score-target refuses an answer that the model cannot write, though it would be read as <unk>", async () => {
    if (!saved) throw new Error("expected a model");
    const letters = new Characters([..."abcd", "<unk>"]);
    const cwd = makeFolder();
    writeFileSync(
      join(cwd, "m"),
      writeModel({ ...saved, tokenizer: new EosPairs(letters, letters, { source: 8, target: 8 }) }),
    );
    await expectFailure(command("--score-target cbx", "abc"), cwd, {
      status: 1,
      message: '--score-target: "cbx", character 3: expected one of the 5 characters the model has seen, got "x".',
      hint: "the model knows: a b c d <unk>",
    });
  });

  test("with --score-target refuses what asks for a search or a page", async () => {
    for (const [flags, flag] of [
      ["--beam 2", "--beam"],
      ["--beam 3 --n-best 3", "--beam"],
      ["--temperature 2", "--temperature"],
      ["--attention-html look.html", "--attention-html"],
      ["--words words.txt", "--words"],
    ] as const)
      await expectFailure(command(`--score-target cba ${flags}`, "abc"), folder(), {
        ...{ status: 2, message: `--score-target: expected only one of --score-target and ${flag}, got both.` },
        hint: "scoring a given target needs no decoding",
      });
  });

  test("says once that an answer is cut off, and in JSON of each", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "words.txt"), "abba\n");
    const asked = [...command("--words words.txt --min-length 3 --max-length 3", "ab", "ba"), "--suppress", " "];
    const { stderr } = await runHere(asked, cwd);
    expect(stderr).toBe(
      "an answer is cut off, because the options allow no further token: the output and its score are incomplete\n",
    );
    const reports = await runForReports(asked, cwd);
    expect(reports.map(({ output, score, isCut }) => ({ output, score, isCut }))).toEqual([
      { output: "", score: 0, isCut: true },
      { output: "", score: 0, isCut: true },
    ]);
  });

  test("writes listed words only, says which of them it cannot write, and leaves tokens out", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "words.txt"), "abba\r\ncab\n\nzebra\n");
    const { stdout, stderr } = await runHere(command("--words words.txt --beam 3", ...drawTexts(20)), cwd);
    expect(new Set(stdout.split(/\s+/))).toEqual(new Set(["", "abba", "cab"]));
    expect(stderr).toBe("words.txt: words outside the model's vocabulary: zebra\n");
    const skipped = await linesOf("--suppress a,b", ...drawTexts(20));
    expect(skipped.join("")).toMatch(/^[cd ]+$/);
  });

  test("says once that texts are longer than in training, and in JSON of each", async () => {
    const long = ["abcdabcda", "abcdabcd", "dcbadcbadcba"];
    const { status, stdout, stderr } = await runHere(command("", "ab", ...long), folder());
    expect(status).toBe(0);
    expect(stdout.split("\n")).toHaveLength(5);
    expect(stderr).toBe("an input of 10 time steps is longer than any in training (8): the answer may be poor\n");
    const reports = reportsOf(await runHere([...command("", "ab", ...long), "--json"], folder()));
    expect(reports.map((report) => report["isLong"])).toEqual([undefined, true, true, true]);
  });

  test("refuses what contradicts itself, in the words of the command line", async () => {
    const refused: [string, number, string, string?][] = [
      ["--temperature 1e-40", 2, '--temperature: expected a number from 0.001 to 100, got "1e-40".'],
      ["--n-best 3", 2, "--n-best: expected at most the beam size, 1, got 3.", "use a beam of 3 or more"],
      [
        "--beam 2 --temperature 1",
        2,
        "--beam: expected 1 with temperature, --top-k or --top-p, got 2.",
        "leave out either the beam or temperature, --top-k and --top-p",
      ],
      ["--min-length 5 --max-length 4", 2, "--min-length: expected at most --max-length, 4, got 5."],
      ["--beam 0", 2, '--beam: expected an integer from 1 to 1000, got "0".'],
      ["--suppress xyz", 1, '--suppress: "xyz": expected one of the 5 characters the model knows, got another.'],
      ["--suppress=", 2, "--suppress: expected comma-separated tokens, got none."],
      ["--words foreign.txt", 1, "foreign.txt: expected at least one word that the model can write, got none among 2."],
      ["--words none.txt", 1, "none.txt: expected a file of words, got no such file or folder."],
    ];
    for (const [flags, status, message, hint] of refused) {
      const cwd = folder();
      writeFileSync(join(cwd, "foreign.txt"), "xyz\n오늘\n");
      const outcome = await runHere(command(flags, "ab"), cwd);
      expect(outcome).toMatchObject({ status, stdout: "" });
      expect(outcome.stderr).toContain(`error: ${message}\n${hint === undefined ? "" : `hint: ${hint}`}`);
    }
  });

  test("sends a language model to generate", async () => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, "m"), makeTextModelFile());
    const hint = "seqloom generate writes with it";
    await expectFailure(command("", "ab"), cwd, {
      ...{ status: 1, message: "m: expected a model that answers, got a language model.", hint },
    });
  });
});

describe("predict --attention-html", () => {
  test("leaves a page with a map for each text, and replaces none but with --force", async () => {
    const cwd = folder();
    const { stderr } = await runHere(command("--attention-html look.html --beam 2", "abc", "d"), cwd);
    expect(stderr).toBe("attention  look.html\n");
    const page = readFileSync(join(cwd, "look.html"), "utf8");
    expect(page.match(/<table/g)).toHaveLength(2);
    const again = command("--attention-html look.html", "d");
    await expectFailure(again, cwd, {
      ...{ status: 2, message: "look.html: expected a new file, got one that exists." },
      hint: "replace it with --force, or choose another name",
    });
    expect(readFileSync(join(cwd, "look.html"), "utf8")).toBe(page);
    expect(await runHere([...again, "--force"], cwd)).toMatchObject({ status: 0 });
    expect(readFileSync(join(cwd, "look.html"), "utf8").match(/<table/g)).toHaveLength(1);
  });

  test("is for models that have it", async () => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, "m"), makeModelFile({ decoder: "peeky" }));
    for (const [flag, flags] of [
      ["--attention-html", "--attention-html look.html"],
      ["--coverage-penalty", "--coverage-penalty 0.2 --beam 2"],
    ] as const)
      await expectFailure(command(flags, "1+2"), cwd, {
        ...{ status: 2, message: `${flag}: expected a model with attention, got a peeky one.` },
        hint: "train one with --preset attention, or leave the option out",
      });
    expect(existsSync(join(cwd, "look.html"))).toBe(false);
  });
});

describe("standard input", () => {
  test("is answered in the order of 100,000 lines, in memory that does not grow with them", async () => {
    const texts = drawTexts(1000, 9);
    const expected = predictions(texts).map(({ output }) => output);
    const peak = async (repeats: number) => {
      const args = ["predict", "m", "--backend", "wasm", "--threads", "1"];
      const child = start(args, { cwd: folder(), env: { NODE_OPTIONS: "--max-old-space-size=64" } });
      const outcome = outcomeOf(child);
      const most = { bytes: 0 };
      const watch = setInterval(() => {
        const [, kilobytes = "0"] = /VmHWM:\s+(\d+)/.exec(statusOf(child.pid)) ?? [];
        most.bytes = Math.max(most.bytes, 1024 * Number(kilobytes));
      }, 50);
      child.stdin?.end(`${texts.join("\n")}\n`.repeat(repeats));
      const { status, stdout, stderr } = await outcome;
      clearInterval(watch);
      expect([status, stderr]).toEqual([0, ""]);
      expect(stdout === `${expected.join("\n")}\n`.repeat(repeats)).toBe(true);
      return most.bytes;
    };
    const [few, many] = [await peak(5), await peak(100)];
    expect(many - few).toBeLessThan(60e6); // 100,000 answers kept in memory, with their texts, would be more
  }, 60_000);

  test("is answered as it comes: a line alone does not wait for others", async () => {
    const child = start(["predict", "m", "--backend", "wasm", "--threads", "1"], { cwd: folder() });
    const outcome = outcomeOf(child);
    const answered = new Promise<string>((resolve) => child.stdout?.once("data", (text) => resolve(String(text))));
    child.stdin?.write("abc\n");
    const [answer] = predictions(["abc"]);
    expect(await answered).toBe(`${answer?.output}\n`);
    child.stdin?.end();
    expect((await outcome).status).toBe(0);
  });

  test("that does not end does not keep a program that has failed", async () => {
    const child = start(["predict", "m"], { cwd: folderWithSums() });
    const outcome = outcomeOf(child);
    child.stdin?.write("1+2\nx\n");
    expect((await outcome).status).toBe(1);
  });
});

function folderWithSums(): string {
  const cwd = makeFolder();
  writeFileSync(join(cwd, "m"), makeModelFile());
  return cwd;
}

function statusOf(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}
