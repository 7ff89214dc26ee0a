import type { Command } from "commander";
import * as z from "zod/mini";
import type { Backend } from "../../backend/backend.js";
import { decodePairs, encodePairs } from "../../data/pairs.js";
import { OptionError } from "../../errors.js";
import {
  expectLanguageModel,
  expectSeq2Seq,
  type SavedLanguageModel,
  type SavedSeq2Seq,
} from "../../files/model-file.js";
import { LanguageModel } from "../../models/language-model.js";
import { DataOptions, loadPairs } from "../../node/datasets.js";
import { loadModel } from "../../node/files.js";
import { loadText } from "../../node/texts.js";
import { evaluatePairs } from "../../train/evaluate.js";
import { Seed } from "../../train/pair-options.js";
import { evaluateText } from "../../train/perplexity.js";
import { formatAnswers } from "../draw.js";
import { duration, grouped, percent } from "../output.js";
import { define, type Session } from "../session.js";

const Options = z.extend(DataOptions, {
  seed: z._default(Seed, 1),
  part: z._default(z.enum(["test", "valid", "train"]).check(z.describe("which part of the data")), "test"),
});

type EvalSession = Session<z.infer<typeof Options>>;

/** `seqloom eval <model> <data>` */
export function evalCommand(program: Command): void {
  const command = program
    .command("eval")
    .argument("<model>", "a model file")
    .argument("<data>", "addition, a file of lines question_answer; for a language model ptb or a text file")
    .description("score a model on the held-out part of a task");
  define(command, Options, async (session, path = "", name = "") => {
    const backend = await session.open();
    const saved = loadModel(path, backend);
    if (saved.model instanceof LanguageModel) await evalText(session, backend, expectLanguageModel(path, saved), name);
    else evalPairs(session, backend, expectSeq2Seq(path, saved), name);
  });
}

function evalPairs(
  { options, output }: EvalSession,
  backend: Backend,
  { model, tokenizer }: SavedSeq2Seq,
  name: string,
): void {
  if (options.part === "valid") throw new OptionError("--part: expected test or train for pairs, got valid.");
  const data = loadPairs(name, options, options.seed);
  const pairs = encodePairs(tokenizer, decodePairs(data.tokenizer, data[options.part])); // ids of the model's own vocabulary
  const started = performance.now();
  const scores = evaluatePairs(backend, model, tokenizer, pairs);
  const seconds = (performance.now() - started) / 1000;
  const words = `${percent(scores.exactMatch)} of ${grouped(scores.count)} right, ${percent(scores.tokenAccuracy)} of their tokens, perplexity ${scores.perplexity.toFixed(4)} (${duration(seconds)})`;
  output.result({ kind: "evaluation", split: options.part, ...scores }, `${words}\n${formatAnswers(scores.samples)}`);
}

async function evalText(
  session: EvalSession,
  backend: Backend,
  saved: SavedLanguageModel,
  name: string,
): Promise<void> {
  const { options, output } = session;
  const data = await loadText(name, { tokenizer: saved.tokenizer, dataDir: options.dataDir });
  for (const protocol of ["book", "exact"] as const) {
    const scores = evaluateText(backend, saved.model, data[options.part], protocol);
    if (scores.count === 0) continue;
    const words = `perplexity ${scores.perplexity.toFixed(2)} by the ${protocol} protocol: ${scores.loss.toFixed(4)} nats, ${scores.bitsPerToken.toFixed(3)} bits per token, ${grouped(scores.count)} tokens`;
    output.result({ kind: "evaluation", split: options.part, ...scores }, words);
  }
}
