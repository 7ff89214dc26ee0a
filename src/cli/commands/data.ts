import type { Command } from "commander";
import * as z from "zod/mini";
import { describeOption, keysOf } from "../../engine/check-options.js";
import { DataError, OptionError } from "../../engine/errors.js";
import { nodeFiles } from "../../node/data-files.js";
import { CaptionTaskOptions } from "../../tasks/captions/caption-task.js";
import { loadExercises } from "../../tasks/exercises/exercise-task.js";
import { DataOptions, generatorNames, isExercise, loadPairs } from "../../tasks/pairs/datasets.js";
import { formatOfName } from "../../tasks/pairs/pair-formats.js";
import { FixedPairs } from "../../tasks/pairs/text-codec.js";
import { Seed } from "../../tasks/training-options.js";
import { listCharacters } from "../../text/characters.js";
import { grouped } from "../output.js";
import { define } from "../session.js";
import { showShapes } from "../show-shapes.js";
import { showSpoken } from "../show-spoken.js";

const Options = z.extend(DataOptions, {
  seed: z._default(Seed.check(describeOption("data", "Seed the generator, and the random split of a file")), 1),
  captions: CaptionTaskOptions.shape.captions,
  size: z.optional(
    z
      .int()
      .check(
        z.minimum(16),
        z.maximum(1024),
        describeOption("data", "Shapes: draw squares of this side, in pixels", "48"),
      ),
  ),
  write: z.optional(
    z
      .string()
      .check(
        z.minLength(1),
        describeOption(
          "output",
          "Shapes, spoken digits: write pictures or recordings to this folder, with their lists",
        ),
      ),
  ),
  force: z._default(z.boolean().check(describeOption("output", "Replace existing lists")), false),
});

const copying = ["copy", "copy-doubled", "copy-reversed"];

/** The datasets that each option applies to; options not listed apply to all. */
const takers = {
  digits: ["addition", "programs", ...copying],
  nesting: ["programs"],
  curriculum: ["programs", ...copying, "addition"],
  split: ["a file"],
  captions: ["shapes"],
  size: ["shapes"],
  write: ["shapes", "spoken-digits"],
} satisfies Partial<Record<keyof z.infer<typeof Options>, readonly string[]>>;
const made = [...generatorNames, "shapes"];

/** @throws OptionError for an option that a dataset does not have */
function expectTaken(name: string, options: z.infer<typeof Options>): void {
  const kind = made.includes(name) ? name : "a file";
  for (const option of keysOf(takers))
    if (options[option] !== undefined && !takers[option].includes(kind))
      throw new OptionError(`${option}: expected ${takers[option].join(" or ")}, got ${name}.`);
}

/** @throws DataError for a file in a format that `data` cannot show */
function expectShown(name: string): void {
  const format = formatOfName(name);
  if (format === undefined) return;
  const message = `${name}: expected generated data or a fixed-width file of lines question_answer, got .${format}.`;
  throw new DataError(message, "data shows only these; train seq2seq reads other files of pairs too");
}

/** `seqloom data <name>` */
export function dataCommand(program: Command): void {
  const command = program
    .command("data")
    .argument("<name>", `${generatorNames.join(", ")}, shapes, or a file of lines question_answer`)
    .description("Show a data set: shapes, vocabulary and first samples");
  define(command, Options, async ({ options, output }, name = "") => {
    expectTaken(name, options);
    if (name === "shapes") return showShapes(options, output);
    if (name === "spoken-digits") return showSpoken(options, output);
    expectShown(name);
    const data = isExercise(name, options)
      ? loadExercises(name, options, options.seed)
      : await loadPairs(name, options, options.seed, nodeFiles(options));
    const { tokenizer, train, test, name: title } = data;
    const { source, target } = tokenizer;
    const [S, W] = [source.longest, target.longest + 1];
    const endless = data.stream && "infinite";
    const shapes = {
      x_train: [endless ?? train.count, S],
      t_train: [endless ?? train.count, W],
      x_test: [test.count, S],
      t_test: [test.count, W],
    };
    const rows = [0, 1, 2]
      .filter((row) => row < train.count)
      .map((row) => {
        const [x, t] = [train.sources.row(row), train.targets.row(row)];
        const [question, answer] = source.hasLines
          ? [source.decode(x), target.decode(t)]
          : [source.tokens(x), target.tokens(t)].map((list) => list.join(target.end === undefined ? "" : " "));
        return { x: [...x], t: [...t], question, answer };
      });
    const vocabulary = tokenizer instanceof FixedPairs ? tokenizer.source.tokenizer.characters : undefined;
    const known = vocabulary
      ? `vocabulary of ${vocabulary.length}: ${listCharacters(vocabulary)}`
      : `vocabularies of ${grouped(source.size)} and ${grouped(target.size)}`;
    const words = [
      ...Object.entries(shapes).map(([part, shape]) => `${part}  (${shape.join(", ")})`),
      known,
      ...rows.flatMap(({ x, t, question, answer }) => [`[${x.join(" ")}]  [${t.join(" ")}]`, `${question}  ${answer}`]),
    ];
    output.result({ kind: "dataset", name: title, shapes, vocabulary, samples: rows }, words.join("\n"));
  });
}
