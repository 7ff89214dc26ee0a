import { DataError } from "../../engine/errors.js";
import { SequenceWriter, type Sources } from "../../models/sources.js";
import type { PairCodec } from "../../text/codec.js";
import type { FrameKind } from "../files.js";
import type { PairSource } from "../pairs/pair-files.js";
import { type PairChoices, type PairSettings, pairPresets } from "../pairs/pair-options.js";
import { findOverlap, longestOf, type PairData, type PairSet, type SplitName } from "../pairs/pairs.js";
import { describeLength, type Suggestion } from "../pairs/suggest.js";
import { trainTargets } from "../pairs/text-codec.js";
import { notify, otherData, type Ports, type Task, tokenizerReader } from "../task.js";
import { FramePairs } from "./frame-codec.js";
import { FrameFormat, Frames } from "./frames.js";
import { type Recording, type Recordings, readList } from "./recordings.js";

/** Steps that a model of the preset needs. */
const STEPS = 3000;

/** Opens the recordings that a list of pairs names. They are read once, and only if they are needed. */
export function openRecordings(
  list: PairSource,
  kind: FrameKind,
  skipInvalid: boolean | undefined,
  ports: Ports,
): Task {
  const read = async (): Promise<Recordings> => readList(list, kind, skipInvalid ?? false, ports.files);
  return new FrameTask({ name: list.name, kind, count: list.counts.train, read }, ports);
}

interface FrameSource {
  readonly name: string;
  readonly kind: FrameKind;
  /** Approximate number of files for training. */
  readonly count: number;
  read(): Promise<Recordings>;
  readonly example?: Task["example"];
}

/** Recordings with their transcripts, or other series with their labels. */
export class FrameTask implements Task {
  readonly suggestion: Suggestion;
  readonly example: Task["example"];
  readonly #source: FrameSource;
  readonly #ports: Ports;
  #recordings: Recordings | undefined;

  constructor(source: FrameSource, ports: Ports) {
    const { kind, count } = source;
    this.#source = source;
    this.#ports = ports;
    this.example = source.example;
    const epochs = Math.min(60, Math.max(6, Math.round((STEPS * pairPresets.listen.batchSize) / Math.max(1, count))));
    const describe = (settings: PairChoices): string => `${kind} files: the recipe listen, ${describeLength(settings)}`;
    this.suggestion = { preset: "listen", changes: { epochs }, describe };
  }

  async load(settings: PairSettings): Promise<PairData<Frames, FramePairs>> {
    const { train, valid, test } = await this.#open();
    const format = FrameFormat.of(
      train.map(({ frames }) => frames),
      { isSound: this.#source.kind === ".wav", stack: settings.stackFrames ?? 1 },
    );
    const texts = train.map(({ text }) => text);
    const target = trainTargets(settings, texts, tokenizerReader(this.#ports.files));
    const draft = new FramePairs(format, target, { source: 1, target: 1 });
    const kept = train.filter(
      ({ frames, text }) =>
        Math.ceil(frames.values.length / format.size) <= settings.maxTrainLength &&
        draft.target.encode(text).length - 1 <= settings.maxTrainLength,
    );
    if (kept.length === 0)
      throw new DataError(
        `${this.#source.name}: expected files of at most ${settings.maxTrainLength} frames to train on, got none.`,
        "raise maxTrainLength or stackFrames",
      );
    if (kept.length < train.length) {
      const message = `${train.length - kept.length} files of more than ${settings.maxTrainLength} frames are not trained on (maxTrainLength)`;
      notify(this.#ports, "skipped", message);
    }
    const set = encodeRecordings(draft, kept);
    const longest = { source: longestOf(set.sources), target: longestOf(set.targets) - 1 };
    const tokenizer = new FramePairs(format, target, longest, shortestOf(set.sources));
    return {
      ...{ name: this.#source.name, tokenizer, train: set, test: encodeRecordings(tokenizer, test) },
      ...(valid.length > 0 && { valid: encodeRecordings(tokenizer, valid) }),
    };
  }

  async encode(tokenizer: PairCodec, part: SplitName | "all"): Promise<PairSet<Frames>> {
    if (!(tokenizer instanceof FramePairs) || tokenizer.source.frames.isSound !== (this.#source.kind === ".wav"))
      throw otherData(tokenizer, this.#source.name, `${this.#source.kind} files`);
    const { train, valid, test } = await this.#open();
    return encodeRecordings(tokenizer, { train, valid, test, all: [...train, ...valid, ...test] }[part]);
  }

  overlap(): number[] {
    const names = (part: readonly Recording[] = []): string[] => part.map(({ file }) => file);
    return findOverlap(names(this.#recordings?.train), names(this.#recordings?.test));
  }

  async #open(): Promise<Recordings> {
    if (this.#recordings) return this.#recordings;
    const recordings = await this.#source.read();
    const { train, valid, test, skipped } = recordings;
    const counts = [train, valid, test].map(({ length }) => length.toLocaleString("en"));
    const { name, kind } = this.#source;
    notify(this.#ports, "size", `${counts.join(" + ")} ${kind} files for training, validation and test`);
    if (skipped !== undefined) notify(this.#ports, "skipped", skipped);
    for (const [part, { length }] of Object.entries({ training: train, "the test": test }))
      if (length === 0) throw new DataError(`${name}: expected files for ${part}, got none.`, skipped);
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
