import { DataError } from "../../engine/errors.js";
import { SequenceWriter, type Sources } from "../../models/sources.js";
import { readTokenizer } from "../../node/tokenizer-file.js";
import type { PairCodec } from "../../text/codec.js";
import { otherData } from "../expect-texts.js";
import type { Task } from "../open-task.js";
import type { PairChoices, PairSettings } from "../pairs/pair-options.js";
import { pairPresets } from "../pairs/pair-presets.js";
import { findOverlap } from "../pairs/pair-split.js";
import { trainTargets } from "../pairs/pair-tokenizers.js";
import { longestOf, type PairData, type PairSet, type SplitName } from "../pairs/pairs.js";
import { describeLength, type Suggestion } from "../pairs/suggest.js";
import { FramePairs } from "./frame-codec.js";
import { FrameFormat } from "./frame-format.js";
import { Frames } from "./frames.js";
import type { FrameKind, Recording, Recordings } from "./recordings.js";

/** Steps that a model of the preset needs. */
const STEPS = 3000;

/** Recordings and what is said in them, or other series and what they mean. */
export class FrameTask implements Task {
  readonly suggestion: Suggestion;
  readonly notes: string[] = [];
  readonly example: Task["example"];
  readonly #name: string;
  readonly #kind: FrameKind;
  readonly #read: () => Promise<Recordings>;
  #recordings: Recordings | undefined;

  /**
   * @param count about how many are for training
   * @param read reads all files; called once, and only where they are needed
   */
  constructor(
    name: string,
    kind: FrameKind,
    count: number,
    read: () => Promise<Recordings>,
    example?: Task["example"],
  ) {
    this.#name = name;
    this.#kind = kind;
    this.#read = read;
    this.example = example;
    const epochs = Math.min(60, Math.max(6, Math.round((STEPS * pairPresets.listen.batchSize) / Math.max(1, count))));
    const describe = (settings: PairChoices): string => `${kind} files: the recipe listen, ${describeLength(settings)}`;
    this.suggestion = { preset: "listen", changes: { epochs }, describe };
  }

  async load(settings: PairSettings): Promise<PairData<Frames, FramePairs>> {
    const { train, valid, test } = await this.#open();
    const format = FrameFormat.of(
      train.map(({ frames }) => frames),
      { isSound: this.#kind === ".wav", stack: settings.stackFrames ?? 1 },
    );
    const texts = train.map(({ text }) => text);
    const target = trainTargets(settings, texts, readTokenizer);
    const draft = new FramePairs(format, target, { source: 1, target: 1 });
    const kept = train.filter(
      ({ frames, text }) =>
        Math.ceil(frames.values.length / format.size) <= settings.maxTrainLength &&
        draft.target.encode(text).length - 1 <= settings.maxTrainLength,
    );
    if (kept.length === 0)
      throw new DataError(
        `${this.#name}: expected files of at most ${settings.maxTrainLength} frames to train on, got none.`,
        "raise --max-train-length or --stack-frames",
      );
    if (kept.length < train.length)
      this.notes.push(
        `${train.length - kept.length} files of more than ${settings.maxTrainLength} frames are not trained on (--max-train-length)`,
      );
    const set = encodeRecordings(draft, kept);
    const longest = { source: longestOf(set.sources), target: longestOf(set.targets) - 1 };
    const tokenizer = new FramePairs(format, target, longest, shortestOf(set.sources));
    return {
      ...{ name: this.#name, tokenizer, train: set, test: encodeRecordings(tokenizer, test) },
      ...(valid.length > 0 && { valid: encodeRecordings(tokenizer, valid) }),
    };
  }

  async encode(tokenizer: PairCodec, part: SplitName | "all"): Promise<PairSet<Frames>> {
    if (!(tokenizer instanceof FramePairs) || tokenizer.source.frames.isSound !== (this.#kind === ".wav"))
      throw otherData(tokenizer, this.#name, `${this.#kind} files`);
    const { train, valid, test } = await this.#open();
    return encodeRecordings(tokenizer, { train, valid, test, all: [...train, ...valid, ...test] }[part]);
  }

  overlap(): number[] {
    const names = (part: readonly Recording[] = []): string[] => part.map(({ file }) => file);
    return findOverlap(names(this.#recordings?.train), names(this.#recordings?.test));
  }

  async #open(): Promise<Recordings> {
    if (this.#recordings) return this.#recordings;
    const recordings = await this.#read();
    const { train, valid, test, notes = [] } = recordings;
    const counts = [train, valid, test].map(({ length }) => length.toLocaleString("en"));
    this.notes.push(`${counts.join(" + ")} ${this.#kind} files for training, validation and test`, ...notes);
    for (const [part, { length }] of Object.entries({ training: train, "the test": test }))
      if (length === 0) throw new DataError(`${this.#name}: expected files for ${part}, got none.`, notes[0]);
    this.#recordings = recordings;
    return recordings;
  }
}

function encodeRecordings(tokenizer: FramePairs, recordings: readonly Recording[]): PairSet<Frames> {
  const targets = new SequenceWriter();
  for (const { text } of recordings) targets.add(tokenizer.target.encode(text));
  const rows = recordings.map(({ file, frames }) => tokenizer.source.frames.encode(file, frames));
  const sources = new Frames(tokenizer.source.frameSize, rows);
  const texts = recordings.map(({ file, text }) => ({ source: file, target: text }));
  return { count: recordings.length, sources, targets: targets.finish(), texts };
}

const lengthsOf = (side: Sources): number[] => Array.from({ length: side.count }, (_, r) => side.length(r));

const shortestOf = (side: Sources): number => lengthsOf(side).reduce((a, b) => Math.min(a, b));
