import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, test, vi } from "vitest";
import * as z from "zod/mini";
import { upgradeMetadata } from "../../src/files/model-file.js";
import { Captioner, LanguageModel, predict, Seq2Seq } from "../../src/index.js";
import { loadModel, loadSeq2Seq, openBackend } from "../../src/node/index.js";
import { runForReports, runHere } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";
import { skipWithoutHuggingFace } from "../helpers/hugging-face.js";
import { skipWithoutOnnx, skipWithoutSharp } from "../helpers/pictures.js";

/**
 * How far a score may be from the recorded one, a natural logarithm: the longest answers are sums over 88 tokens, each of
 * which another backend rounds otherwise by some 1e-7. Between the backends of 0.1.0 the scores differ by less than 2e-5.
 */
const TOLERANCE = 1e-4;

const Answer = z.strictObject({
  ...{ input: z.string(), output: z.string(), score: z.number() },
  ...{ isLong: z.optional(z.literal(true)), isShort: z.optional(z.literal(true)) },
});

/** What a model said: answers, or a text that it wrote by itself, and its loss on text.txt by each protocol. */
const said = {
  answers: z.optional(z.array(Answer)),
  text: z.optional(z.string()),
  losses: z.optional(z.record(z.string(), z.number())),
};

const Model = z.object({
  ...{ file: z.string(), what: z.string(), ...said },
  kind: z.enum(["fixed", "texts", "writes", "pictures", "network", "files"]),
  inspected: z.looseObject({ parameters: z.number(), tensors: z.number() }),
});
type Model = z.infer<typeof Model>;

const Recorded = z.object({
  models: z.array(Model),
  resumed: z.array(z.object({ file: z.string(), updates: z.number(), ...said })),
});

const folder = fileURLToPath(new URL("../fixtures/v0.1.0/", import.meta.url));
const recorded = z.parse(Recorded, JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")));

const isHuggingFace = ({ file }: Model): boolean => file.includes("hugging-face");
const ofKind = (kind: Model["kind"]): Model[] =>
  recorded.models.filter((model) => model.kind === kind && !isHuggingFace(model));

/** A network's features are kept in the user's cache: here in a folder that is taken away. */
beforeEach(() => {
  vi.stubEnv("XDG_CACHE_HOME", makeFolder());
});

type Said = Pick<Model, "answers" | "text" | "losses">;

/** Asks a model again what 0.1.0 asked it, where its inputs lie. */
async function expectAnswers(path: string, { answers, text, losses }: Said): Promise<void> {
  if (answers) {
    const inputs = answers.map(({ input }) => input);
    const reports = await runForReports(["predict", path, ...inputs], folder);
    expect(reports).toMatchObject(answers.map(({ score: _, ...answer }) => answer));
    for (const [i, { score }] of answers.entries()) expectNear(reports[i]?.["score"], score);
  } else {
    const [written] = await runForReports(["generate", path, "--greedy"], folder);
    expect(String(written?.["text"]).startsWith(text ?? "?")).toBe(true); // the prompt no longer counts: one token more
    const scores = await runForReports(["eval", path, "text.txt"], folder);
    expect(scores.map(({ protocol }) => protocol)).toEqual(Object.keys(losses ?? {}));
    for (const { protocol, loss } of scores) expectNear(loss, losses?.[String(protocol)]);
  }
}

function expectNear(got: unknown, score: number | undefined): void {
  expect(Math.abs(Number(got) - (score ?? Number.NaN))).toBeLessThan(TOLERANCE);
}

/** For `test.each`: what each model is, its file, and the rest. */
const named = (models: readonly Model[]) => models.map((model) => [model.what, model.file, model] as const);
const ask = (_: string, file: string, model: Model): Promise<void> => expectAnswers(file, model);

describe("models of version 0.1.0 answer as they did", () => {
  test.each(named(ofKind("fixed")))("to texts of fixed width: %s (%s)", ask);

  test.each(named(ofKind("texts")))("to texts of any length: %s (%s)", ask);

  test.skipIf(skipWithoutHuggingFace).each(named(recorded.models.filter(isHuggingFace)))(
    "to texts of any length: %s (%s)",
    ask,
  );

  test.each(named(ofKind("writes")))("by what they write on their own: %s (%s)", ask);

  test.skipIf(skipWithoutSharp).each(named(ofKind("pictures")))("to pictures: %s (%s)", ask);

  test.skipIf(skipWithoutSharp || skipWithoutOnnx).each(named(ofKind("network")))("to pictures: %s (%s)", ask);

  test.each(named(ofKind("files")))("to files: %s (%s)", ask);
});

describe("models of version 0.1.0 are described as they were", () => {
  const described = recorded.models.filter((model) => !isHuggingFace(model) || !skipWithoutHuggingFace);

  /** A description in the names of today, which the file's own are upgraded to. */
  const renamed = ({ config, training, ...rest }: Record<string, unknown>): object => {
    const old = { config: JSON.stringify(config), ...(training !== null && { training: JSON.stringify(training) }) };
    const { config: now = "", training: record = "null" } = upgradeMetadata(old);
    return { ...rest, config: JSON.parse(now), training: JSON.parse(record) };
  };

  test.each(named(described))("%s (%s)", async (_, file, { inspected: { tensors, ...rest } }) => {
    const [report] = await runForReports(["inspect", file], folder);
    expect(report).toMatchObject({ kind: "model", ...renamed(rest) });
    expect(report?.["tensors"]).toHaveLength(tensors);
  });
});

describe("the library opens models of version 0.1.0", () => {
  const kinds = { seq2seq: Seq2Seq, captioner: Captioner, "language-model": LanguageModel };

  test("of every kind, with all their weights", async () => {
    const backend = await openBackend();
    const left = new Set<unknown>(Object.values(kinds));
    for (const { file, inspected } of recorded.models.filter((model) => !isHuggingFace(model))) {
      const { model } = loadModel(join(folder, file), backend);
      expect(model.params.reduce((sum, { value }) => sum + value.size, 0)).toBe(inspected.parameters);
      left.delete(model.constructor);
    }
    expect(left.size).toBe(0);
    backend.close();
  });

  test("and asks those that read texts", async () => {
    const backend = await openBackend();
    for (const { file, answers = [] } of [...ofKind("fixed"), ...ofKind("texts")]) {
      const { model, tokenizer } = loadSeq2Seq(join(folder, file), backend);
      const inputs = answers.map(({ input }) => input);
      const outputs = predict(backend, model, tokenizer, inputs).map(({ output }) => output);
      expect([file, ...outputs]).toEqual([file, ...answers.map(({ output }) => output)]);
    }
    backend.close();
  });
});

describe("a run that version 0.1.0 began", () => {
  /** As test/fixtures/v0.1.0/recipes.mjs has it, in the words of today. */
  const runs: Readonly<Record<string, string>> = {
    "sums-cut":
      "train seq2seq addition --hidden-size 6 --embedding-size 4 --batch-size 8 --digits 1 --epochs 24 --lr 0.03 --seed 1",
    "text-cut":
      "train lm text.txt --hidden-size 6 --embedding-size 4 --batch-size 4 --seq-len 10 --init uniform --epochs 6 --layers 1 --lr 0.03 --save-every 15 --seed 1",
  };

  test.each(recorded.resumed)("is not resumed from $file, and its checkpoint stays", async ({ file }) => {
    const name = file.replace(".checkpoint.safetensors", "");
    const [cwd, best] = [makeFolder(), `${name}.safetensors`];
    for (const each of [file, best, "text.txt"])
      if (existsSync(join(folder, each))) copyFileSync(join(folder, each), join(cwd, each));
    const args = [...(runs[name] ?? "").split(" "), "--out", best, "--resume"];
    const { status, stderr } = await runHere(args, cwd);
    expect(status).toBe(1);
    expect(stderr).toContain("expected a checkpoint of this seqloom, got one of an older version, 0.1.0.");
    expect(readFileSync(join(cwd, file))).toEqual(readFileSync(join(folder, file)));
  });

  test.each(recorded.resumed)("can be used as it was left, from $file", async ({ file }) => {
    const [report] = await runForReports(["inspect", file], folder);
    expect(report).toMatchObject({ kind: "model", version: 1 });
  });
});
