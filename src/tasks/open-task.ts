import { DataError, OptionError } from "../engine/errors.js";
import type { PairCodec } from "../text/codec.js";
import { type Files, type FrameKind, findFile, frameKindOf } from "./files.js";
import { isExercise, isGenerator, knownNames, loadPairs, SPOKEN } from "./pairs/datasets.js";
import { openPairs, type PairSource } from "./pairs/pair-files.js";
import { formatOfName, formatOfRow } from "./pairs/pair-formats.js";
import { type PairSettings, type TextOptions, textOptions } from "./pairs/pair-options.js";
import {
  decodePairs,
  encodePairs,
  encodeSplits,
  findOverlap,
  type Pair,
  type PairData,
  type PairSet,
  type SplitName,
} from "./pairs/pairs.js";
import { describeSkipped } from "./pairs/rows.js";
import { type Suggestion, suggestSettings } from "./pairs/suggest.js";
import { trainTokenizers } from "./pairs/text-codec.js";
import { expectTexts, notify, type Ports, type Task, type TaskOptions, tokenizerReader } from "./task.js";

/** Options of a task, with those that say how its texts become tokens: they are refused if the data are no texts. */
export interface OpenOptions extends TaskOptions, TextOptions {
  readonly seed: number;
  /** Reads a file of fixed width as texts of any length too. @default false */
  readonly asText?: boolean | undefined;
}

/** One kind of data. */
interface TaskKind {
  /** Options that do not apply to it. */
  readonly refused: readonly (keyof OpenOptions)[];
  /** The data that those options apply to, and a hint. */
  refusal(name: string | undefined): readonly [expected: string, hint: string];
  open(name: string | undefined, options: OpenOptions, ports: Ports): Promise<Task> | Task;
}

const ofTexts = [
  ...(["sourceFile", "targetFile", "sourceColumn", "targetColumn", "header"] as const),
  ...(["valid", "test", "groupBy", "skipInvalid"] as const),
] as const;
const ofFixed = ["digits", "count", "split"] as const;
const ofExercises = ["nesting", "curriculum"] as const;

const kinds = {
  /** Exercises without end. */
  exercises: {
    refused: [...ofTexts, ...textOptions, "format", "split"],
    refusal: (name) => [`pairs of a file, got the exercises ${name}`, "leave it out"],
    async open(name, options, ports) {
      const { openExercises } = await import("./exercises/exercise-task.js");
      return openExercises(name, options, ports);
    },
  },
  /** Digits that a speech synthesizer reads out. */
  speech: {
    refused: [...ofTexts, "digits", "split"],
    refusal: () => [`a file, got the generator ${SPOKEN}`, "leave it out"],
    async open(_, options, ports) {
      const { openSpokenDigits } = await import("./sounds/speak-digits.js");
      return openSpokenDigits(options, ports);
    },
  },
  /** Pairs of fixed width, generated or in a file, as in the book. */
  fixed: {
    refused: ofTexts,
    refusal: (name) => [
      `texts of any length, got ${name}, which is of fixed width`,
      "`tokenizer` characters reads lines question_answer as texts of any length",
    ],
    async open(name = "", options, ports) {
      return new FixedTask(await loadPairs(name, options, options.seed, ports.files), ports);
    },
  },
  /** Pairs of texts in a file or in two; or of files that the sources name, and texts. */
  files: {
    refused: ofFixed,
    refusal: () => ["a file of fixed width, got texts of any length", "leave it out"],
    async open(name, options, ports) {
      const source = openPairs(name, options, options.seed, ports.files);
      const kind = kindOfSources(source);
      if (!kind) return new TextTask(source, options, ports);
      const { openRecordings } = await import("./sounds/frame-task.js");
      return openRecordings(source, kind, options.skipInvalid, ports);
    },
  },
} as const satisfies Record<string, TaskKind>;

/**
 * Opens generated pairs, those of a file, or those of the two files that `source` and `target` name. If the sources are
 * names of .wav or .npy files, the model reads those files.
 * @throws DataError naming file and line
 */
export async function openTask(name: string | undefined, options: OpenOptions, ports: Ports): Promise<Task> {
  const kind = kindOf(name, options, ports.files);
  const { refused, refusal, open }: TaskKind = kinds[kind];
  refuse(options, refused, ...refusal(name));
  if (kind !== "exercises")
    refuse(options, ofExercises, "programs, copy or addition without end, got other data", "leave it out");
  return open(name, options, ports);
}

function kindOf(name: string | undefined, options: OpenOptions, files: Files): keyof typeof kinds {
  if (isExercise(name, options)) return "exercises";
  if (name === SPOKEN) return "speech";
  if (name === undefined) return "files";
  if (isGenerator(name)) return "fixed";
  return !options.asText && (options.format ?? formatOf(name, files)) === "book" ? "fixed" : "files";
}

/** Rows by which a list of files is known: more than one, as the first may name the columns. */
const TELLING = 100;

/** The kind of files that most of the first sources name; undefined if they are texts. */
function kindOfSources(list: PairSource): FrameKind | undefined {
  const found: Record<FrameKind, number> = { ".wav": 0, ".npy": 0 };
  let count = 0;
  for (const { source } of list.pairs("train")) {
    const kind = frameKindOf(source);
    if (kind) found[kind]++;
    if (++count === TELLING) break;
  }
  if (2 * (found[".wav"] + found[".npy"]) <= count) return undefined;
  return found[".wav"] >= found[".npy"] ? ".wav" : ".npy";
}

function refuse(
  options: OpenOptions,
  names: readonly (keyof OpenOptions & string)[],
  expected: string,
  hint: string,
): void {
  for (const name of names)
    if (options[name] !== undefined && options[name] !== false)
      throw new OptionError(`${name}: expected ${expected}.`, hint);
}

function formatOf(name: string, files: Files): string {
  const known = formatOfName(name);
  if (known) return known;
  const [head] = files.open(name, findFile(files, name, undefined, knownNames)).chunks();
  const [row = ""] = new TextDecoder().decode(head).split("\n", 1);
  return formatOfRow(row);
}

/** Sources as texts, to be compared. */
function* rowKeys({ sources }: PairSet): Generator<string, void> {
  for (let r = 0; r < sources.count; r++) yield sources.row(r).join();
}

class FixedTask implements Task {
  readonly #data: PairData;
  readonly #overlap: number[];

  constructor(data: PairData, ports: Ports) {
    this.#data = data;
    const { train, test } = data;
    this.#overlap = findOverlap(rowKeys(train), rowKeys(test));
    const { length: overlap } = this.#overlap;
    if (overlap > 0) notify(ports, "overlap", `${overlap} of the ${test.count} test questions also occur in training`);
  }

  async load(): Promise<PairData> {
    return this.#data;
  }

  async encode(tokenizer: PairCodec, part: SplitName | "all"): Promise<PairSet> {
    if (part === "valid") throw new OptionError("on: expected test, train or all for files of fixed width, got valid.");
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
  readonly #source: PairSource;
  readonly #ports: Ports;

  constructor(source: PairSource, { test: held, groupBy }: OpenOptions, ports: Ports) {
    this.#source = source;
    this.#ports = ports;
    this.suggestion = suggestSettings(source.pairs("train"), source.counts.train);
    const { train, valid, test } = source.counts;
    const counts = [train, valid, test].map((n) => n.toLocaleString("en"));
    notify(ports, "size", `${counts.join(" + ")} pairs for training, validation and test`);
    if (source.skipped.size > 0) notify(ports, "skipped", describeSkipped(source.skipped));
    const isDrawn = groupBy !== "row" && (held === undefined || !Number.isNaN(Number(held)));
    const overlap = isDrawn ? 0 : this.overlap().length; // sets drawn by source share none
    if (overlap > 0)
      notify(ports, "overlap", `${overlap} of the ${test} test pairs have a source that also occurs in training`);
  }

  async load(settings: PairSettings): Promise<PairData> {
    const readTokenizer = tokenizerReader(this.#ports.files);
    const tokenizers = trainTokenizers(settings, () => this.#source.pairs("train"), readTokenizer);
    const { data, tooLong } = encodeSplits(this.#source, tokenizers, settings.maxTrainLength);
    if (data.train.count === 0)
      throw new DataError(
        `${data.name}: expected pairs of at most ${settings.maxTrainLength} tokens a side to train on, got none.`,
        "raise maxTrainLength",
      );
    if (tooLong > 0) {
      const message = `${tooLong} pairs of more than ${settings.maxTrainLength} tokens are not trained on (maxTrainLength)`;
      notify(this.#ports, "skipped", message);
    }
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
