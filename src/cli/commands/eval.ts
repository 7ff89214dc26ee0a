import type { Command } from "commander";
import * as z from "zod/mini";
import { decodePairs, encodePairs } from "../../data/pairs.js";
import { DataOptions, loadPairs } from "../../node/datasets.js";
import { loadSeq2Seq } from "../../node/files.js";
import { evaluatePairs } from "../../train/evaluate.js";
import { Seed } from "../../train/pair-options.js";
import { formatAnswers } from "../draw.js";
import { duration, grouped, percent } from "../output.js";
import { define } from "../session.js";

const Options = z.extend(DataOptions, {
  seed: z._default(Seed, 1),
  part: z._default(z.enum(["test", "train"]).check(z.describe("which part of the data")), "test"),
});

/** `seqloom eval <model> <data>` */
export function evalCommand(program: Command): void {
  const command = program
    .command("eval")
    .argument("<model>", "a model file")
    .argument("<data>", "addition, or a file of lines question_answer")
    .description("score a model on the held-out part of a task");
  define(command, Options, async ({ options, output, open }, path = "", name = "") => {
    const backend = await open();
    const { model, tokenizer } = loadSeq2Seq(path, backend);
    const data = loadPairs(name, options, options.seed);
    const pairs = encodePairs(tokenizer, decodePairs(data.tokenizer, data[options.part])); // ids of the model's own vocabulary
    const started = performance.now();
    const scores = evaluatePairs(backend, model, tokenizer, pairs);
    const seconds = (performance.now() - started) / 1000;
    const words = `${percent(scores.exactMatch)} of ${grouped(scores.count)} right, ${percent(scores.tokenAccuracy)} of their tokens, perplexity ${scores.perplexity.toFixed(4)} (${duration(seconds)})`;
    output.result({ kind: "evaluation", split: options.part, ...scores }, `${words}\n${formatAnswers(scores.samples)}`);
  });
}
