import { DataError } from "../../engine/errors.js";
import { Random } from "../../engine/random.js";
import { Characters } from "../../text/characters.js";
import type { CurriculumName } from "../pairs/datasets.js";
import {
  encodeSplits,
  type PairData,
  type PairSet,
  type PairStream,
  type SplitName,
  splitNames,
  splitOf,
} from "../pairs/pairs.js";
import type { TextCodec } from "../pairs/text-codec.js";
import { type Cell, curricula, type Difficulty, type Exercise, type ExerciseKind } from "./exercise.js";

/** Options that decide the exercises and their order. */
export interface ExerciseOptions {
  /** The difficulty to learn. */
  readonly target: Difficulty;
  readonly curriculum: CurriculumName;
  readonly seed: number;
}

/** Shares of all exercises that are held out. */
const SHARES = { valid: 0.05, test: 0.1 };
/** Exercises drawn for each set; those of the training set are only shown and measured. */
const COUNTS = { train: 5000, valid: 1000, test: 5000 };
/** The stream of random numbers of each set. */
const STREAMS = { train: 0xe5e0, valid: 0xe5e1, test: 0xe5e2 };
/** Draws in a row without a new exercise, after which the set counts as complete. */
const PATIENCE = 2000;

/**
 * Exercises for endless training, with a validation and a test set. A hash of its key decides the set of an exercise,
 * whenever it is drawn, so training never meets one that is held out. Those for validation are as hard as the target. The
 * test set has the same number of each cell of the grid, or all there are.
 *
 * @throws DataError if there are too few different exercises to hold any out
 */
export function exerciseData(name: string, kind: ExerciseKind, options: ExerciseOptions): PairData {
  const { target, seed } = options;
  const part = (which: SplitName): Placed[] => {
    const random = new Random(seed, STREAMS[which]);
    const draw = (cellOf: () => Cell, count: number): Placed[] =>
      distinct(() => inPart(which, kind, cellOf(), random, seed), count);
    if (which !== "test") return draw(() => kind.cell(target, random), COUNTS[which]);
    const cells = kind.cells(target);
    return random.shuffle(cells.flatMap((cell) => draw(() => cell, Math.ceil(COUNTS.test / cells.length))));
  };
  const parts = { train: part("train"), valid: part("valid"), test: part("test") };
  for (const [which, { length }] of Object.entries(parts))
    if (length === 0)
      throw new DataError(`${name}: expected exercises for each part, got none for ${which}.`, "ask for longer ones");

  const characters = new Characters([...kind.characters]);
  const sides = { source: characters, target: characters };
  const texts = {
    name,
    hasLines: kind.characters.includes("\n"),
    splits: () => splitNames.flatMap((split) => parts[split].map((pair) => [split, pair] as const)),
  };
  const { data } = encodeSplits(texts, sides);
  const { tokenizer, train, valid, test } = data;
  return {
    ...{ name, tokenizer, train },
    valid: valid && withGrid(valid, kind, parts.valid),
    test: withGrid(test, kind, parts.test),
    stream: new ExerciseStream(kind, options, tokenizer),
  };
}

function withGrid(set: PairSet, { axes }: ExerciseKind, exercises: readonly Placed[]): PairSet {
  const cells = exercises.map(({ cell: { row, column } }) => ({ row: String(row), column: String(column) }));
  return { ...set, grid: { ...axes, cells } };
}

/** The exercises of training, as a model reads them. */
class ExerciseStream implements PairStream {
  readonly id: string;
  readonly #kind: ExerciseKind;
  readonly #options: ExerciseOptions;
  readonly #tokenizer: TextCodec;

  constructor(kind: ExerciseKind, options: ExerciseOptions, tokenizer: TextCodec) {
    this.#kind = kind;
    this.#options = options;
    this.#tokenizer = tokenizer;
    this.id = JSON.stringify(options);
  }

  draw(done: number, random: Random): { source: number[]; target: number[] } {
    const { target, curriculum, seed } = this.#options;
    for (;;) {
      const cell = this.#kind.cell(curricula[curriculum](target, done, random), random);
      const exercise = inPart("train", this.#kind, cell, random, seed);
      if (!exercise) continue;
      const { source, target: answer } = exercise;
      return { source: this.#tokenizer.source.encode(source), target: this.#tokenizer.target.encode(answer) };
    }
  }
}

type Placed = Exercise & { readonly cell: Cell };

/** An exercise of a cell, or undefined if the one that was drawn belongs to another set. */
function inPart(part: SplitName, kind: ExerciseKind, cell: Cell, random: Random, seed: number): Placed | undefined {
  const exercise = kind.draw(cell, random);
  return splitOf(exercise.key, SHARES, seed) === part ? { ...exercise, cell } : undefined;
}

/** Up to `count` exercises of different sources. */
function distinct(draw: () => Placed | undefined, count: number): Placed[] {
  const found = new Map<string, Placed>();
  for (let idle = 0; found.size < count && idle < PATIENCE; idle++) {
    const exercise = draw();
    if (!exercise || found.has(exercise.source)) continue;
    found.set(exercise.source, exercise);
    idle = 0;
  }
  return [...found.values()];
}
