import type { Command } from "commander";
import type { OptionGroup } from "../engine/check-options.js";

/** Headings of the groups of options. */
export const groupHeadings: Readonly<Record<OptionGroup, string>> = {
  data: "Data:",
  model: "Model:",
  training: "Training:",
  decoding: "Decoding:",
  output: "Output:",
  machine: "Machine:",
};

/** Options that people use first, by command. A command with few options has none. */
export const mostUsed: Readonly<Record<string, readonly string[]>> = {
  "train seq2seq": ["preset", "epochs", "hiddenSize", "learningRate", "out"],
  "train lm": ["preset", "tokenizer", "epochs", "hiddenSize", "out"],
  "train captions": ["preset", "epochs", "learningRate", "cnn", "out"],
  compare: ["models", "epochs", "hiddenSize", "seed", "out"],
  generate: ["prompt", "maxTokens", "temperature", "topP", "numSamples"],
  predict: ["beam", "nBest", "temperature", "maxLength", "attentionHtml"],
  chat: ["history", "beam", "temperature", "topP", "maxLength"],
  eval: ["on", "beam", "confidence", "seed", "json"],
  data: ["digits", "count", "curriculum", "seed", "write"],
  bench: ["case", "steps", "seconds", "backend", "threads"],
};

/** The words of a command after `seqloom`: `train seq2seq`. */
export function pathOf(command: Command): string {
  const words: string[] = [];
  for (let at: Command | null = command; at?.parent; at = at.parent) words.unshift(at.name());
  return words.join(" ");
}

/** Options by names that people type instead: names of version 0.1.0, and names that other programs use. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  "--model": ["--preset"],
  "--rate": ["--learning-rate"],
  "--divide": ["--lr-decay"],
  "--schedule": ["--lr-schedule"],
  "--warmup": ["--warmup-steps"],
  "--clip": ["--grad-clip"],
  "--batch": ["--batch-size"],
  "--time": ["--seq-len"],
  "--updates": ["--max-steps"],
  "--hidden": ["--hidden-size"],
  "--embedding": ["--embedding-size"],
  "--vocabulary": ["--vocab", "--vocab-size"],
  "--tokens": ["--tokenizer"],
  "--target-tokens": ["--target-tokenizer"],
  "--shared": ["--share-vocab"],
  "--smoothing": ["--label-smoothing"],
  "--sampling": ["--scheduled-sampling"],
  "--longest": ["--max-train-length"],
  "--attention": ["--attention-html", "--attention-score"],
  "--combine": ["--attentional-hidden"],
  "--pass-cell": ["--init-cell"],
  "--tied": ["--tie-weights"],
  "--stack": ["--stack-frames"],
  "--pyramid": ["--pyramid-layers"],
  "--source": ["--source-file"],
  "--target": ["--score-target", "--target-file"],
  "--skip-bad": ["--skip-invalid"],
  "--split-by": ["--group-by"],
  "--part": ["--on"],
  "--length": ["--max-tokens", "--digits", "--max-length"],
  "--start": ["--prompt"],
  "--until": ["--stop"],
  "--sentences": ["--max-sentences"],
  "--skip": ["--suppress"],
  "--samples": ["--num-samples"],
  "--no-repeat": ["--no-repeat-ngram"],
  "--output": ["--out"],
  "--beam-size": ["--beam"],
  "--num-layers": ["--layers"],
};

/** The option of a command that a mistyped one stands for; undefined if the table names none. */
export function renamed(program: Command, argv: readonly string[], flag: string): string | undefined {
  let command = program;
  for (const word of argv) {
    const child = command.commands.find((each) => each.name() === word);
    if (!child) break;
    command = child;
  }
  return otherNames[flag.replace(/=.*/s, "")]?.find((name) => command.options.some(({ long }) => long === name));
}
