import * as z from "zod/mini";
import { DataError, OptionError } from "../engine/errors.js";
import { flagOf } from "../engine/flag-of.js";
import type { Sources } from "../models/sources.js";
import { ChunkedFile } from "../node/chunked-file.js";
import { DataOptions, findFile, isGenerator, loadPairs } from "../node/datasets.js";
import { loadSpokenDigits, SPOKEN_COUNT } from "../node/speak-digits.js";
import { readTokenizer } from "../node/tokenizer-file.js";
import type { PairCodec } from "../text/codec.js";
import { ExerciseTask, isExercise } from "./exercises/exercise-task.js";
import { expectTexts } from "./expect-texts.js";
import type { Seq2SeqTokenizer } from "./model-kinds.js";
import { PairFileOptions } from "./pairs/pair-file-options.js";
import { openPairs, type PairSource } from "./pairs/pair-files.js";
import { formatOfName, formatOfRow } from "./pairs/pair-formats.js";
import { type PairSettings, type TextOptions, textOptions } from "./pairs/pair-options.js";
import { describeSkipped } from "./pairs/pair-reader.js";
import { findOverlap } from "./pairs/pair-split.js";
import { trainTokenizers } from "./pairs/pair-tokenizers.js";
import {
  decodePairs,
  encodePairs,
  encodeSplits,
  type Pair,
  type PairData,
  type PairSet,
  type SplitName,
} from "./pairs/pairs.js";
import { type Suggestion, suggestSettings } from "./pairs/suggest.js";
import { kindOfList, readList } from "./sounds/frame-lists.js";
import { FrameTask } from "./sounds/frame-task.js";

/** How a task's data are found, made, read and divided. */
export const TaskOptions = z.extend(DataOptions, PairFileOptions.shape);
export type TaskOptions = z.infer<typeof TaskOptions>;

/** Pairs to train and to test on, before they are turned into ids. */
export interface Task {
  /** What the data suggest where nothing is said; undefined for files of fixed width, which are read as the book reads them. */
  readonly suggestion: Suggestion | undefined;
  /** What to ask a model, and the command that makes it, where no question of the test is a file or a text. */
  readonly example?: { readonly question: string; readonly command: string } | undefined;
  /** What there is to say about the data: rows left out, sources that occur in training and test. */
  readonly notes: string[];
  /** The pairs as ids, by tokenizers made from the training part. */
  load(settings: PairSettings): Promise<PairData<Sources, Seq2SeqTokenizer>>;
  /** A part, or all of them, as ids of a model's own vocabulary. */
  encode(tokenizer: PairCodec, part: SplitName | "all"): Promise<PairSet<Sources>>;
  /** Which of the test's pairs have a source that also occurs in training, by their index. */
  overlap(): number[];
}

/**
 * Opens a generator's pairs, a file's, or those of the two files that `source` and `target` name. Where their sources are
 * names of .wav or .npy files, those are what a model reads.
 * @param options with what was given of how texts are cut, which is refused where they cannot be
 * @param asText read a file of fixed width as texts of any length too
 * @param say is told what takes a while
 * @throws DataError naming file and line
 */
export function openTask(
  name: string | undefined,
  options: TaskOptions & TextOptions,
  seed: number,
  asText: boolean,
  say?: (words: string) => void,
): Task {
  if (isExercise(name, options)) {
    refuse(
      options,
      [...ofTexts, ...textOptions, "format", "split"],
      `pairs of a file, got the exercises ${name}`,
      "leave it out",
    );
    return new ExerciseTask(name, options, seed);
  }
  refuse(options, ofExercises, "programs, copy or addition without end, got other data", "leave it out");
  if (name === SPOKEN) {
    refuse(options, [...ofTexts, "digits", "split"], `a file, got the generator ${SPOKEN}`, "leave it out");
    const example = { question: "three.wav", command: "espeak-ng -w three.wav three" };
    const { count = SPOKEN_COUNT } = options;
    return new FrameTask(SPOKEN, ".wav", count, () => loadSpokenDigits({ ...options, count, seed }, say), example);
  }
  const isFixed =
    name !== undefined && (isGenerator(name) || (!asText && (options.format ?? formatOf(name, options)) === "book"));
  if (isFixed) {
    const hint = "--tokenizer characters reads lines question_answer as texts of any length";
    refuse(options, ofTexts, `texts of any length, got ${name}, which is of fixed width`, hint);
    return new FixedTask(name, options, seed);
  }
  refuse(options, ofFixed, "a file of fixed width, got texts of any length", "leave it out");
  const source = openPairs(name, options, seed);
  const kind = kindOfList(source);
  if (!kind) return new TextTask(source, options);
  return new FrameTask(source.name, kind, source.counts.train, () => readList(source, kind, options.skipInvalid));
}

const SPOKEN = "spoken-digits";

/** Options that only the one kind of data has, or only the other. */
const ofTexts = [
  ...(["sourceFile", "targetFile", "sourceColumn", "targetColumn", "header"] as const),
  ...(["valid", "test", "groupBy", "skipInvalid"] as const),
] as const;
const ofFixed = ["digits", "count", "split"] as const;
const ofExercises = ["nesting", "curriculum"] as const;

function refuse<Options extends object>(
  options: Options,
  names: readonly (keyof Options & string)[],
  expected: string,
  hint: string,
): void {
  for (const name of names)
    if (options[name] !== undefined && options[name] !== false)
      throw new OptionError(`${flagOf(name)}: expected ${expected}.`, hint);
}

function formatOf(name: string, { dataDir }: TaskOptions): string {
  const known = formatOfName(name);
  if (known) return known;
  const [head] = new ChunkedFile(name, findFile(name, dataDir)).chunks();
  const [row = ""] = new TextDecoder().decode(head).split("\n", 1);
  return formatOfRow(row);
}

/** Sources as texts, to be compared. */
function* rowKeys({ sources }: PairSet): Generator<string, void> {
  for (let r = 0; r < sources.count; r++) yield sources.row(r).join();
}

class FixedTask implements Task {
  readonly suggestion = undefined;
  readonly notes: string[] = [];
  readonly #data: PairData;
  readonly #overlap: number[];

  constructor(name: string, options: TaskOptions, seed: number) {
    this.#data = loadPairs(name, options, seed);
    const { train, test } = this.#data;
    this.#overlap = findOverlap(rowKeys(train), rowKeys(test));
    const { length: overlap } = this.#overlap;
    if (overlap > 0) this.notes.push(`${overlap} of the ${test.count} test questions also occur in training`);
  }

  async load(): Promise<PairData> {
    return this.#data;
  }

  async encode(tokenizer: PairCodec, part: SplitName | "all"): Promise<PairSet> {
    if (part === "valid")
      throw new OptionError("--on: expected test, train or all for files of fixed width, got valid.");
    const { name, tokenizer: own, train, test } = this.#data;
    const sets = { train: [train], test: [test], all: [train, test] }[part];
    return encodePairs(
      expectTexts(tokenizer, name),
      sets.flatMap((set) => decodePairs(own, set)),
    );
  }

  overlap(): number[] {
    return this.#overlap;
  }
}

class TextTask implements Task {
  readonly suggestion: Suggestion;
  readonly notes: string[] = [];
  readonly #source: PairSource;

  constructor(source: PairSource, { test: held, groupBy }: TaskOptions) {
    this.#source = source;
    this.suggestion = suggestSettings(source.pairs("train"), source.counts.train);
    const { train, valid, test } = source.counts;
    this.notes.push(
      `${[train, valid, test].map((n) => n.toLocaleString("en")).join(" + ")} pairs for training, validation and test`,
    );
    if (source.skipped.size > 0) this.notes.push(describeSkipped(source.skipped));
    const isDrawn = groupBy !== "row" && (held === undefined || !Number.isNaN(Number(held)));
    const overlap = isDrawn ? 0 : this.overlap().length; // drawn by source there is none
    if (overlap > 0) this.notes.push(`${overlap} of the ${test} test pairs have a source that also occurs in training`);
  }

  async load(settings: PairSettings): Promise<PairData> {
    const tokenizers = trainTokenizers(settings, () => this.#source.pairs("train"), readTokenizer);
    const { data, tooLong } = encodeSplits(this.#source, tokenizers, settings.maxTrainLength);
    if (data.train.count === 0)
      throw new DataError(
        `${data.name}: expected pairs of at most ${settings.maxTrainLength} tokens a side to train on, got none.`,
        "raise --max-train-length",
      );
    if (tooLong > 0)
      this.notes.push(
        `${tooLong} pairs of more than ${settings.maxTrainLength} tokens are not trained on (--max-train-length)`,
      );
    return data;
  }

  async encode(tokenizer: PairCodec, part: SplitName | "all"): Promise<PairSet> {
    return encodePairs(expectTexts(tokenizer, this.#source.name), this.#pairs(part), { keepTexts: true });
  }

  overlap(): number[] {
    return this.#source.overlap();
  }

  *#pairs(part: SplitName | "all"): Generator<Pair, void> {
    const parts = part === "all" ? (["train", "valid", "test"] as const) : [part];
    for (const each of parts) yield* this.#source.pairs(each);
  }
}
