import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readModel } from "../../src/tasks/model-kinds.js";
import { bookPath, expected } from "../helpers/book.js";
import { expectFailure, runForReports, runHere } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";

const questions = ["7+8", "63-9", "2+190", "100-40"];

const split = (line: string): string[] => line.split(" ");

/** A folder with the pickles and what they were trained on. */
function makeFolderWithPickles(): string {
  const cwd = makeFolder();
  for (const name of ["seq2seq.pkl", "peeky.pkl", "attention.pkl", "pairs.txt"])
    copyFileSync(bookPath(name), join(cwd, name));
  return cwd;
}

describe("seqloom import", () => {
  test.each<[as: "seq2seq" | "peeky" | "attention", flag: string | undefined]>([
    ["seq2seq", "--no-reverse"],
    ["seq2seq", undefined],
    ["peeky", "--reverse"],
    ["attention", undefined],
  ])("makes of the book's %s, told %s, a model that answers as it does", async (as, flag) => {
    const cwd = makeFolderWithPickles();
    const line = `import ${as}.pkl --as ${as} --vocab pairs.txt --quiet`;
    const reports = await runForReports([...split(line), ...(flag ? [flag] : [])], cwd);
    expect(reports).toEqual([{ kind: "saved", path: `${as}.safetensors`, why: "end" }]);
    const predictions = await runForReports(["predict", `${as}.safetensors`, ...questions], cwd);
    const answers = expected[as].answers.map((answer) => answer.trimEnd());
    expect(predictions.map(({ output }) => output)).toEqual(answers);
  });

  test("says how many parameters there are and from where sources are read", async () => {
    const cwd = makeFolderWithPickles();
    const run = (line: string) => runHere(split(`import attention.pkl --as attention --vocab pairs.txt ${line}`), cwd);
    const usual = await run("--out usual.safetensors");
    expect(usual.stdout).toBe("usual.safetensors\n");
    // embeddings 2·14·3, LSTMs 2·(3·20 + 5·20 + 20), affine 10·14 + 14
    expect(usual.stderr).toContain("attention: 598 parameters\nthe model reads reversed sources");
    const other = await run("--no-reverse --out other.safetensors");
    expect(other.stderr).toContain("it reads sources from their beginning");
    const configs = ["usual", "other"].map((name) => {
      const path = `${name}.safetensors`;
      return readModel(path, readFileSync(join(cwd, path))).config;
    });
    expect(configs).toMatchObject([{ reverse: true }, { reverse: false }]);
  });

  test.each<[line: string, status: number, message: string, hint?: string]>([
    [
      "attention.pkl --as attention",
      2,
      "--vocab: expected the data the model was trained on, got none.",
      "for the book's models: ptb/ptb.train.txt, addition.txt or date.txt",
    ],
    [
      "attention.pkl --as atention --vocab pairs.txt",
      2,
      '--as: expected one of rnnlm, better-rnnlm, seq2seq, peeky, attention, got "atention".',
      "did you mean attention?",
    ],
    [
      "attention.pkl --as peeky --vocab pairs.txt",
      1,
      "attention.pkl: expected decoder peeky, got attention.",
      "choose the kind of model with --as",
    ],
    ["attention.pkl --vocab pairs.txt", 1, "attention.pkl: affine weight: expected shape (5, 14), got (14, 3)."],
    [
      "attention.pkl --vocab pairs.txt --reverse",
      2,
      "--reverse: expected a seq2seq model, got rnnlm.",
      "choose the kind of model with --as",
    ],
    ["attention.pkl --as attention --vocab few.txt", 1, "few.txt: expected 14 different characters, got 5."],
  ])("import %s fails", async (line, status, message, hint) => {
    const cwd = makeFolderWithPickles();
    writeFileSync(join(cwd, "few.txt"), "1+2_3\n2+1_3\n");
    await expectFailure(["import", ...split(line)], cwd, { status, message, hint });
    expect(existsSync(join(cwd, "attention.safetensors"))).toBe(false);
  });
});
