import { FrameFormat } from "../../data/frame-format.js";
import { Frames } from "../../data/frames.js";
import type { PairPart } from "../../data/pair-split.js";
import type { PairData, PairSet } from "../../data/pairs.js";
import { SequenceWriter } from "../../data/sequences.js";
import { DataError } from "../../errors.js";
import { FrameTargets } from "../../text/frame-targets.js";
import type { Targets } from "../../text/targets.js";
import type { PairSettings } from "../../train/pair-options.js";
import { trainTargetTokenizer } from "../../train/pair-tokenizers.js";
import type { Suggestion } from "../../train/suggest.js";
import { readTokenizer, type Task } from "../tasks.js";
import type { FrameKind, Recording } from "./recordings.js";

/** Recordings and what is said in them, or other series and what they mean. */
export class FrameTask implements Task {
  readonly suggestion: Suggestion;
  readonly notes: string[];
  readonly #name: string;
  readonly #kind: FrameKind;
  readonly #parts: Readonly<Record<PairPart, readonly Recording[]>>;

  /** @param notes what there is to say of how they were read */
  constructor(
    name: string,
    kind: FrameKind,
    parts: Readonly<Record<PairPart, readonly Recording[]>>,
    notes: readonly string[] = [],
  ) {
    this.#name = name;
    this.#kind = kind;
    this.#parts = parts;
    const counts = [parts.train, parts.valid, parts.test].map(({ length }) => length.toLocaleString("en"));
    this.notes = [`${counts.join(" + ")} ${kind} files for training, validation and test`, ...notes];
    this.suggestion = { model: "listen", changes: {}, describe: () => `${kind} files: the recipe listen` };
  }

  async load(settings: PairSettings): Promise<PairData<Frames, FrameTargets>> {
    const { train, valid, test } = this.#parts;
    const format = FrameFormat.of(
      train.map(({ frames }) => frames),
      { isSound: this.#kind === ".wav", stack: settings.stack ?? 1 },
    );
    const target = trainTargetTokenizer(settings, () => train.map(({ text }) => text), readTokenizer);
    const draft = new FrameTargets(format, target, { source: 1, target: 1 });
    const { longest } = settings;
    const all = encodeRecordings(draft, train);
    const fits = (r: number): boolean => all.sources.length(r) <= longest && all.targets.length(r) - 1 <= longest;
    const kept = train.filter((_, r) => fits(r));
    if (kept.length === 0)
      throw new DataError(
        `${this.#name}: expected files of at most ${longest} frames to train on, got none.`,
        "raise --longest or --stack",
      );
    if (kept.length < train.length)
      this.notes.push(`${train.length - kept.length} files of more than ${longest} frames are not trained on (--longest)`);
    const set = kept.length < train.length ? encodeRecordings(draft, kept) : all;
    const most = (side: PairSet<Frames>["sources" | "targets"]): number =>
      Array.from({ length: side.count }, (_, r) => side.length(r)).reduce((a, b) => Math.max(a, b), 1);
    const tokenizer = new FrameTargets(format, target, { source: most(set.sources), target: most(set.targets) - 1 });
    return {
      ...{ name: this.#name, tokenizer, train: set, test: encodeRecordings(tokenizer, test) },
      ...(valid.length > 0 && { valid: encodeRecordings(tokenizer, valid) }),
    };
  }

  async encode(tokenizer: Targets, part: PairPart | "all"): Promise<PairSet<Frames>> {
    const kind = tokenizer instanceof FrameTargets && (tokenizer.frames.isSound ? ".wav" : ".npy");
    if (!kind || kind !== this.#kind)
      throw new DataError(
        `${this.#name}: expected ${kind ? `${kind} files` : "texts"}, as in training, got ${this.#kind} files.`,
      );
    const { train, valid, test } = this.#parts;
    return encodeRecordings(tokenizer, part === "all" ? [train, valid, test].flat() : this.#parts[part]);
  }

  /** Files are told apart by their names. */
  overlap(): number[] {
    return [];
  }
}

function encodeRecordings(tokenizer: FrameTargets, recordings: readonly Recording[]): PairSet<Frames> {
  const targets = new SequenceWriter();
  for (const { text } of recordings) targets.add(tokenizer.encodeTarget(text));
  const rows = recordings.map(({ file, frames }) => tokenizer.frames.encode(file, frames));
  const sources = new Frames(tokenizer.frameSize, rows);
  const texts = recordings.map(({ file, text }) => ({ source: file, target: text }));
  return { count: recordings.length, sources, targets: targets.finish(), texts };
}
