import { DataError, OptionError } from "../../engine/errors.js";
import type { PairCodec } from "../../text/codec.js";
import { type DataOptions, type ExerciseName, isExercise } from "../pairs/datasets.js";
import { encodePairs, type PairData, type PairSet, type SplitName, STREAM_EPOCH } from "../pairs/pairs.js";
import { describeLength, type Suggestion } from "../pairs/suggest.js";
import { expectTexts, notify, type Ports, type Task } from "../task.js";
import type { Difficulty, ExerciseKind } from "./exercise.js";
import { exerciseData } from "./exercise-data.js";
import { exercises } from "./exercises.js";

/** Exercises by name. @throws OptionError for a difficulty out of range */
export function loadExercises(name: ExerciseName, options: DataOptions, seed: number): PairData {
  const { curriculum = "combined" } = options;
  return exerciseData(name, exercises[name], { target: difficultyOf(name, options), curriculum, seed });
}

/** Opens exercises without end. @throws DataError if there are none of this name */
export function openExercises(
  name: string | undefined,
  options: DataOptions & { readonly seed: number },
  ports: Pick<Ports, "onNotice">,
): Task {
  if (isExercise(name, options)) return new ExerciseTask(name, options, ports);
  throw new DataError(`${name}: expected exercises without end, got other data.`);
}

class ExerciseTask implements Task {
  readonly suggestion: Suggestion;
  readonly #data: PairData;

  constructor(name: ExerciseName, options: DataOptions & { readonly seed: number }, ports: Pick<Ports, "onNotice">) {
    this.#data = loadExercises(name, options, options.seed);
    const { valid, test } = this.#data;
    const { digits, nesting } = difficultyOf(name, options);
    const depth = nesting > 1 ? ` in a nesting of ${nesting}` : "";
    notify(
      ports,
      "size",
      `${name} without end, of ${digits} ${digits === 1 ? "digit" : "digits"}${depth}; curriculum ${options.curriculum ?? "combined"}; ` +
        `${(valid?.count ?? 0).toLocaleString("en")} + ${test.count.toLocaleString("en")} for validation and test`,
    );
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
      throw new OptionError(`on: expected test or valid for exercises without end, got ${part}.`);
    const { name, valid, test } = this.#data;
    const { texts = [], grid } = (part === "test" ? test : valid) ?? test;
    return { ...encodePairs(expectTexts(tokenizer, name), texts, { keepTexts: true }), ...(grid && { grid }) };
  }

  /** None: a hash of an exercise decides its set. */
  overlap(): number[] {
    return [];
  }
}

function difficultyOf(name: ExerciseName, options: DataOptions): Difficulty {
  const { usual, most }: ExerciseKind = exercises[name];
  if (options.count !== undefined)
    throw new OptionError(
      `count: expected data that have an end, got ${name}.`,
      "`epochs` sets the length of the training",
    );
  const asked = { digits: options.digits ?? usual.digits, nesting: options.nesting ?? usual.nesting };
  for (const [flag, value, limit] of [
    ["digits", asked.digits, most.digits],
    ["nesting", asked.nesting, most.nesting],
  ] as const)
    if (value > limit) throw new OptionError(`${flag}: expected at most ${limit} for ${name}, got ${value}.`);
  return asked;
}
