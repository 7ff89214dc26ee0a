import { DataError } from "../errors.js";
import { Random } from "../random.js";
import { Characters } from "../text/characters.js";
import { type CurriculumName, curricula } from "./curricula.js";
import type { Cell, Difficulty, Exercise, ExerciseKind } from "./exercise.js";
import { makeTextPairData } from "./pair-data.js";
import { type PairPart, partOf } from "./pair-split.js";
import type { PairData, PairGrid, PairStream } from "./pairs.js";

/** What decides which exercises there are, and in which order. */
export interface ExerciseOptions {
  /** How hard the exercises are that shall be learned. */
  readonly target: Difficulty;
  readonly curriculum: CurriculumName;
  readonly seed: number;
}

/** What is held out of all exercises that there are. */
const SHARES = { valid: 0.05, test: 0.1 };
/** How many are drawn for each part; of training, only to be shown and measured. */
const COUNTS = { train: 5000, valid: 1000, test: 5000 };
/** Each part's stream of random numbers. */
const STREAMS = { train: 0xe5e0, valid: 0xe5e1, test: 0xe5e2 };
/** Draws in a row that bring nothing new, after which there are taken to be no more. */
const PATIENCE = 2000;

/**
 * Exercises to train on without end, and others to validate and to test by. A hash of its key decides which part an
 * exercise belongs to, whenever it is drawn, so training never comes upon one that is held out. Those for validation are
 * as hard as the target. The test has equally many of each cell of the grid, or all that there are.
 *
 * @throws DataError where there are too few different ones to hold any out
 */
export function exerciseData(name: string, kind: ExerciseKind, options: ExerciseOptions): PairData {
  const { target, seed } = options;
  const cells = kind.cells(target);
  const some = (part: PairPart): Exercise[] => {
    const random = new Random(seed, STREAMS[part]);
    return distinct(() => inPart(part, kind, kind.cell(target, random), random, seed), COUNTS[part]);
  };
  const random = new Random(seed, STREAMS.test);
  const each = Math.ceil(COUNTS.test / cells.length);
  const held = cells.map((cell) => distinct(() => inPart("test", kind, cell, random, seed), each));
  const parts = { train: some("train"), valid: some("valid"), test: held.flat() };
  for (const [part, { length }] of Object.entries(parts))
    if (length === 0)
      throw new DataError(`${name}: expected exercises for each part, got none for ${part}.`, "ask for longer ones");

  const characters = new Characters([...kind.characters]);
  const sides = { source: characters, target: characters };
  const { data } = makeTextPairData({ name, pairs: (part) => parts[part] }, sides, Number.POSITIVE_INFINITY);
  const labels = cells.flatMap(({ row, column }, i) =>
    Array.from(held[i] ?? [], () => ({ row: String(row), column: String(column) })),
  );
  const grid: PairGrid = { ...kind.axes, cells: labels };
  return { ...data, test: { ...data.test, grid }, stream: new ExerciseStream(kind, options, data) };
}

/** Training's exercises, as a model reads them. */
class ExerciseStream implements PairStream {
  readonly id: string;

  constructor(
    readonly kind: ExerciseKind,
    readonly options: ExerciseOptions,
    readonly data: Pick<PairData, "tokenizer">,
  ) {
    this.id = JSON.stringify(options);
  }

  draw(done: number, random: Random): { source: number[]; target: number[] } {
    const { kind, options, data } = this;
    const { target, curriculum, seed } = options;
    for (;;) {
      const difficulty = curricula[curriculum](target, done, random);
      const exercise = inPart("train", kind, kind.cell(difficulty, random), random, seed);
      if (exercise)
        return {
          source: data.tokenizer.encodeSource(exercise.source),
          target: data.tokenizer.encodeTarget(exercise.target),
        };
    }
  }
}

/** An exercise of a cell, or undefined where the one that was drawn belongs to another part. */
function inPart(part: PairPart, kind: ExerciseKind, cell: Cell, random: Random, seed: number): Exercise | undefined {
  const exercise = kind.draw(cell, random);
  return partOf(exercise.key, SHARES, seed) === part ? exercise : undefined;
}

/** Up to `count` exercises of different sources. */
function distinct(draw: () => Exercise | undefined, count: number): Exercise[] {
  const found = new Map<string, Exercise>();
  for (let idle = 0; found.size < count && idle < PATIENCE; idle++) {
    const exercise = draw();
    if (!exercise || found.has(exercise.source)) continue;
    found.set(exercise.source, exercise);
    idle = 0;
  }
  return [...found.values()];
}
