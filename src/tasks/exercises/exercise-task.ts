import { OptionError } from "../../engine/errors.js";
import type { DataOptions } from "../../node/datasets.js";
import type { PairCodec } from "../../text/codec.js";
import { expectTexts } from "../expect-texts.js";
import type { Task } from "../open-task.js";
import { encodePairs, type PairData, type PairSet, type SplitName, STREAM_EPOCH } from "../pairs/pairs.js";
import { describeLength, type Suggestion } from "../pairs/suggest.js";
import type { Difficulty, ExerciseKind } from "./exercise.js";
import { exerciseData } from "./exercise-data.js";
import { type ExerciseName, exercises } from "./exercises.js";

/** Whether data of this name are exercises without end; sums are where a curriculum is named. */
export function isExercise(name: string | undefined, { curriculum }: DataOptions): name is ExerciseName {
  return name !== undefined && Object.hasOwn(exercises, name) && (name !== "addition" || curriculum !== undefined);
}

/** The exercises of a name. @throws OptionError for a difficulty that there is not */
export function loadExercises(name: ExerciseName, options: DataOptions, seed: number): PairData {
  const { curriculum = "combined" } = options;
  return exerciseData(name, exercises[name], { target: difficultyOf(name, options), curriculum, seed });
}

/** Exercises without end. */
export class ExerciseTask implements Task {
  readonly suggestion: Suggestion;
  readonly notes: string[];
  readonly #data: PairData;

  constructor(name: ExerciseName, options: DataOptions, seed: number) {
    this.#data = loadExercises(name, options, seed);
    const { valid, test } = this.#data;
    const { digits, nesting } = difficultyOf(name, options);
    const depth = nesting > 1 ? ` in a nesting of ${nesting}` : "";
    this.notes = [
      `${name} without end, of ${digits} ${digits === 1 ? "digit" : "digits"}${depth}; curriculum ${options.curriculum ?? "combined"}; ` +
        `${(valid?.count ?? 0).toLocaleString("en")} + ${test.count.toLocaleString("en")} for validation and test`,
    ];
    this.suggestion = {
      ...{ preset: name === "programs" ? "execute" : "calculate", changes: {} },
      describe: (settings) =>
        `H ${settings.hiddenSize}, D ${settings.embeddingSize}, ${describeLength(settings, STREAM_EPOCH)}`,
    };
  }

  async load(): Promise<PairData> {
    return this.#data;
  }

  async encode(tokenizer: PairCodec, part: SplitName | "all"): Promise<PairSet> {
    if (part !== "test" && part !== "valid")
      throw new OptionError(`--on: expected test or valid for exercises without end, got ${part}.`);
    const { name, valid, test } = this.#data;
    const { texts = [], grid } = (part === "test" ? test : valid) ?? test;
    return { ...encodePairs(expectTexts(tokenizer, name), texts, { keepTexts: true }), ...(grid && { grid }) };
  }

  /** A hash divides them. */
  overlap(): number[] {
    return [];
  }
}

function difficultyOf(name: ExerciseName, options: DataOptions): Difficulty {
  const { usual, most }: ExerciseKind = exercises[name];
  if (options.count !== undefined)
    throw new OptionError(`--count: expected data that have an end, got ${name}.`, "--epochs says how long to train");
  const asked = { digits: options.digits ?? usual.digits, nesting: options.nesting ?? usual.nesting };
  for (const [flag, value, limit] of [
    ["digits", asked.digits, most.digits],
    ["nesting", asked.nesting, most.nesting],
  ] as const)
    if (value > limit) throw new OptionError(`--${flag}: expected at most ${limit} for ${name}, got ${value}.`);
  return asked;
}
