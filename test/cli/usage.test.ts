import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mostUsed } from "../../src/cli/help.js";
import { flagOf } from "../../src/cli/options.js";
import { expectFailure, runHere } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";

const all = "seqloom --help lists the commands and options";
const commands = ["train", "train seq2seq", "predict", "eval", "compare", "inspect", "data", "bench", "export"];
const split = (line: string): string[] => line.split(" ");

describe("a mistyped command line ends with status 2 and the nearest name", () => {
  test.each([
    ["tran seq2seq addition", "unknown command 'tran'.", "did you mean train?"],
    ["train seq2sec addition", "unknown command 'seq2sec'.", "did you mean seq2seq?"],
    ["xyzzyx", "unknown command 'xyzzyx'.", all],
    ["train seq2seq", "data: expected a file of pairs, or --source-file and --target-file, got neither.", undefined],
    ["predict", "missing required argument 'model'.", all],
    ["data a b", "too many arguments for 'data'. Expected 1 argument but got 2.", all],
    ["train seq2seq addition --epoch 1", "unknown option '--epoch'.", "did you mean --epochs?"],
    ["data addition --digit 3", "unknown option '--digit'.", "did you mean --digits?"],
    ["train seq2seq addition --model peeky", "unknown option '--model'.", "did you mean --preset?"],
    ["train seq2seq addition --rate=1", "unknown option '--rate=1'.", "did you mean --learning-rate?"],
    ["train lm ptb --time 8", "unknown option '--time'.", "did you mean --seq-len?"],
    ["predict m --attention a.html", "unknown option '--attention'.", "did you mean --attention-html?"],
    ["data addition --length 3", "unknown option '--length'.", "did you mean --digits?"],
    ["data addition --model x", "unknown option '--model'.", all],
    ["data addition --xyzzyx", "unknown option '--xyzzyx'.", all],
  ])("%s", async (line, message, hint) => {
    await expectFailure(split(line), makeFolder(), { status: 2, message, hint });
  });

  test.each([
    ["train", 'expected a complete command, got "seqloom train".'],
    ["help trai", 'expected a complete command, got "seqloom help trai".'],
    ["data addition --json --seed", "option '--seed <integer>' argument missing."],
  ])("%s", async (line, message) => {
    const outcome = await runHere(split(line), makeFolder());
    expect(outcome).toMatchObject({ status: 2, stdout: "" });
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).toContain(all);
  });
});

describe("a value out of its range ends with status 2, the range and the value", () => {
  test.each<[flags: string, message: string, hint?: string]>([
    ["--learning-rate -1", '--learning-rate: expected a number above 0 and at most 1000, got "-1".'],
    ["--learning-rate 0", '--learning-rate: expected a number above 0 and at most 1000, got "0".'],
    ["--learning-rate NaN", '--learning-rate: expected a number above 0 and at most 1000, got "NaN".'],
    ["--learning-rate=", '--learning-rate: expected a number above 0 and at most 1000, got "".'],
    ["--grad-clip 1e999", '--grad-clip: expected a number above 0, got "1e999".'],
    ["--seed 4294967296", '--seed: expected an integer from 0 to 4294967295, got "4294967296".'],
    ["--seed -1", '--seed: expected an integer from 0 to 4294967295, got "-1".'],
    ["--epochs 1.5", '--epochs: expected an integer from 0 to 1000000, got "1.5".'],
    ["--epochs ten", '--epochs: expected an integer from 0 to 1000000, got "ten".'],
    ["--hidden-size 0", '--hidden-size: expected an integer from 1 to 65536, got "0".'],
    ["--batch-size 65537", '--batch-size: expected an integer from 1 to 65536, got "65537".'],
    ["--digits 101", '--digits: expected an integer from 1 to 100, got "101".'],
    ["--digits 10", "--digits: expected at most 9, got 10."],
    ["--threads 0", '--threads: expected an integer from 1 to 1024, got "0".'],
    ["--backend nativ", '--backend: expected one of native, wasm, reference, got "nativ".', "did you mean native?"],
    [
      "--preset peaky",
      '--preset: expected one of plain, peeky, attention, text, dates, translate, summarize, answer, chat, pronounce, execute, calculate, listen, got "peaky".',
      "did you mean peeky?",
    ],
    ["--optimizer rmsprop", '--optimizer: expected one of adam, sgd, got "rmsprop".'],
    [
      "--lr-schedule cosin",
      '--lr-schedule: expected one of constant, linear, cosine, got "cosin".',
      "did you mean cosine?",
    ],
    ["--seed 1 --seed x", '--seed: expected an integer from 0 to 4294967295, got "x".'],
    ["--out=", '--out: expected a string, got "".'],
    ["--split book", "--split: expected a file, got the generator addition."],
    ["--digits 1 --count 56", "addition: expected at most 55 questions of 1 digit, got 56.", "ask for more digits"],
  ])("%s", async (flags, message, hint) => {
    await expectFailure(["train", "seq2seq", "addition", ...split(flags)], makeFolder(), { status: 2, message, hint });
  });

  test.each(["plain,foo", "plain,toString", "", "plain,,peeky"])('--models "%s"', async (models) => {
    const wrong = models.split(",").find((name) => !["plain", "peeky"].includes(name)) ?? "";
    const message = `--models: expected some of plain, reverse, peeky, attention, got "${wrong}".`;
    const outcome = await runHere(["compare", "addition", "--models", models], makeFolder());
    expect(outcome).toMatchObject({ status: 2, stdout: "" });
    expect(outcome.stderr.split("\n")[0]).toBe(`error: ${message}`);
  });
});

describe("data and files that cannot be used end with status 1", () => {
  const lines = "each line is a question, _ and its answer, filled with blanks to the same width: 16+75  _91  ";

  test.each([
    [
      "no separator",
      "1_2\n34\n",
      'bad.txt:2: expected "question_answer", got "34" without _.',
      `${lines}; --format names another format`,
    ],
    ["an empty line", "1_2\n\n", 'bad.txt:2: expected "question_answer", got an empty line.', lines],
    [
      "no UTF-8",
      Uint8Array.of(0x31, 0x5f, 0xff, 10),
      "bad.txt:1: expected UTF-8 text, got bytes that are none.",
      "save the file as UTF-8",
    ],
    [
      "10 MB in a line",
      "1".repeat(10_000_000),
      "bad.txt:1: expected a row of at most 10000 bytes, got 10000000.",
      undefined,
    ],
    [
      "lines of different width",
      "1_2\n34_5\n",
      "bad.txt:2: expected a question of 1 characters and an answer of 2, as in line 1, got 2 and 2.",
      lines,
    ],
    ["nothing", "", "bad.txt: expected at least two lines, got 0.", undefined],
  ])("a file with %s, before any training", async (_, content, message, hint) => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, "bad.txt"), content);
    await expectFailure(["train", "seq2seq", "bad.txt"], cwd, { status: 1, message, hint });
  });

  test("a file that does not exist, with the places looked at", async () => {
    const cwd = makeFolder();
    const message = `adition.txt: expected a data file or the name of a generator, got neither; looked for adition.txt, ${join(cwd, "seqloom", "adition.txt")}.`;
    await expectFailure(["data", "adition.txt"], cwd, { status: 1, message, hint: "did you mean addition.txt?" });
  });

  test.each<[what: string, args: string[], message: string, hint?: string]>([
    [
      "pairs to show",
      ["data", "n/g.tsv"],
      "n/g.tsv: expected generated data or a fixed-width file of lines question_answer, got .tsv.",
      "data shows only these; train seq2seq reads other files of pairs too",
    ],
    ["a folder as data", ["data", "folder"], "folder: expected a data file, got a folder."],
    ["a folder as model", ["predict", "folder", "1"], "folder: expected a model file, got a folder."],
    ["no such model", ["inspect", "none"], "none: expected a model file, got no such file or folder."],
    [
      "a model through a file",
      ["eval", "file/x", "addition"],
      "file/x: expected a model file, got a path through a file.",
    ],
    [
      "an empty model",
      ["predict", "file", "1"],
      "file: expected a .safetensors file, got 0 bytes.",
      "the file is damaged, cut short, or no .safetensors file",
    ],
    [
      "text as model",
      ["predict", "text", "1"],
      "text: expected a .safetensors file, got something else.",
      "the file is damaged, cut short, or no .safetensors file",
    ],
  ])("%s", async (_, args, message, hint) => {
    const cwd = makeFolder();
    mkdirSync(join(cwd, "folder"));
    writeFileSync(join(cwd, "file"), "");
    writeFileSync(join(cwd, "text"), "hello world\n");
    await expectFailure(args, cwd, { status: 1, message, hint });
  });

  test("a model too large for memory, before it is trained", async () => {
    const cwd = makeFolder();
    const outcome = await runHere(
      ["train", "seq2seq", "addition", "--digits", "1", "--hidden-size", "30000", "--backend", "wasm"],
      cwd,
    );
    expect(outcome).toMatchObject({ status: 1, stdout: "" });
    expect(outcome.stderr).toMatch(
      /^error: Memory: expected at most 1024 MiB, .* needs \d+ MiB or more\.\nhint: choose a smaller model, /,
    );
  });
});

describe("the program tells about itself", () => {
  test.each(commands)("seqloom %s --help", async (command) => {
    const { status, stdout, stderr } = await runHere([...split(command), "--help"], makeFolder());
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(new RegExp(`^Usage: seqloom ${command}`));
    for (const flag of ["--json", "--quiet", "--backend <native|wasm|reference>", "--threads <integer>", "--debug"])
      if (command !== "train") expect(stdout).toContain(flag);
  });

  test("options are listed with their meaning, choices and defaults", async () => {
    const { stdout } = await runHere(["train", "seq2seq", "--help"], makeFolder());
    expect(stdout).toMatch(
      /--hidden-size <integer> +Set the hidden size H, in units per layer\s+\(1 to 65536; default: preset\)$/m,
    );
    expect(stdout).toMatch(
      /--preset <name> +Start from a preset \(one of plain, peeky,\s+attention, text, dates, .*?; default: plain/s,
    );
    expect(stdout).toMatch(/--reverse +Read the source backwards \(off:\s+--no-reverse; default: preset\)\n/);
  });

  test("options are grouped, with the five that people use first on top", async () => {
    const { stdout } = await runHere(["train", "seq2seq", "--help"], makeFolder());
    expect(stdout.match(/^[A-Z].*:$/gm)).toEqual(
      ["Arguments", "Most used", "Data", "Model", "Training", "Output", "Machine"].map((heading) => `${heading}:`),
    );
    const [, first = ""] = /Most used:\n(.*?)\n\n/s.exec(stdout) ?? [];
    expect(first.match(/--[a-z-]+(?= <)/g)).toEqual([
      ...["--preset", "--epochs", "--hidden-size", "--learning-rate", "--out"],
    ]);
  });

  test.each([
    ...["train seq2seq", "train lm", "train captions", "compare", "predict", "generate", "chat"],
    ...["eval", "data", "inspect", "import", "export", "bench", "studio"],
  ])("%s --help: every line is an imperative, with its range and default, and none is wider than 80", async (name) => {
    const { stdout } = await runHere([...split(name), "--help"], makeFolder());
    const [, options = ""] =
      /(\n\n(?:Most used|Data|Model|Training|Decoding|Output|Machine):\n.*?-h, --help[^\n]*)/s.exec(stdout) ?? [];
    const lines = options.split("\n").filter((line) => /^ {2}-/.test(line));
    expect(lines.length).toBeGreaterThan(6);
    for (const line of lines) expect(line).toMatch(/^ {2}\S.*? {2,}[A-Z][a-z]+[:,]? [\S ]+$/);
    expect(options).not.toMatch(/\(default: *\)|undefined|, \)|\bwhat\b|so many/);
    for (const line of options.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    const most = mostUsed[name] ?? [];
    for (const option of most) expect(options.split("\n\n")[1]).toContain(flagOf(option));
    expect([0, 5]).toContain(most.length);
  });

  test("seqloom alone lists the commands, --version the version", async () => {
    const alone = await runHere([], makeFolder());
    const version = await runHere(["--version"], makeFolder());
    expect(alone).toMatchObject({ status: 0, stderr: "" });
    for (const command of ["train", "predict", "eval", "compare", "inspect", "data", "bench"])
      expect(alone.stdout).toMatch(new RegExp(`^  ${command} `, "m"));
    expect(version).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  test("--debug, and only it, shows where an error arose", async () => {
    const cwd = makeFolder();
    const debug = await runHere(["inspect", "none", "--debug"], cwd);
    const plain = await runHere(["inspect", "none"], cwd);
    expect(debug.stderr).toMatch(/\n\s+at readBytes/);
    expect(debug.stderr).toContain("error: none: expected a model file");
    expect(plain.stderr).not.toMatch(/\n\s+at /);
  });
});

test.each(["train seq2seq", "compare", "data", "eval"])("%s --help names all data that are made", async (command) => {
  const { stdout } = await runHere([...split(command), "--help"], makeFolder());
  const made = "addition, dates, programs, copy, copy-doubled, copy-reversed, spoken-digits, ";
  expect(stdout.replace(/\s+/g, " ")).toContain(made);
});
