import type { Command } from "commander";
import * as z from "zod/mini";
import { DataOptions, loadPairs } from "../../node/datasets.js";
import { Seed } from "../../train/pair-options.js";
import { define } from "../session.js";

const Options = z.extend(DataOptions, { seed: z._default(Seed, 1) });

/** `seqloom data <name>` */
export function dataCommand(program: Command): void {
  const command = program
    .command("data")
    .argument("<name>", "addition, or a file of lines question_answer")
    .description("show a dataset: shapes, vocabulary and first samples");
  define(command, Options, ({ options, output }, name = "") => {
    const { tokenizer, train, test, name: title } = loadPairs(name, options, options.seed);
    const { sourceWidth: S, targetWidth: W } = tokenizer;
    const shapes = {
      x_train: [train.count, S],
      t_train: [train.count, W],
      x_test: [test.count, S],
      t_test: [test.count, W],
    };
    const rows = [0, 1, 2]
      .filter((row) => row < train.count)
      .map((row) => {
        const [x, t] = [train.sources.subarray(row * S, (row + 1) * S), train.targets.subarray(row * W, (row + 1) * W)];
        return { x: [...x], t: [...t], question: tokenizer.source.decode(x), answer: tokenizer.target.decode(t) };
      });
    const words = [
      ...Object.entries(shapes).map(([part, shape]) => `${part}  (${shape.join(", ")})`),
      `vocabulary of ${tokenizer.source.size}: ${tokenizer.source.characters.map((c) => (c === " " ? "␠" : c)).join(" ")}`,
      ...rows.flatMap(({ x, t, question, answer }) => [`[${x.join(" ")}]  [${t.join(" ")}]`, `${question}  ${answer}`]),
    ];
    const vocabulary = tokenizer.source.characters;
    output.result({ kind: "dataset", name: title, shapes, vocabulary, samples: rows }, words.join("\n"));
  });
}
