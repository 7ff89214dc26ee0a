import * as z from "zod/mini";
import { EosTarget, LengthJSON, LongestJSON, type PairCodec, type SourceCodec } from "../../text/codec.js";
import { type Tokenizer, TokenizerJSON, tokenizerFromJSON } from "../../text/tokenizer.js";
import { FrameFormat, FrameFormatJSON } from "./frames.js";

/** `FramePairs` in the model file. */
export const FramePairsJSON = z.object({
  type: z.literal("frames"),
  frames: FrameFormatJSON,
  target: TokenizerJSON,
  longest: LongestJSON,
  shortest: z._default(LengthJSON, 1),
});
export type FramePairsJSON = z.infer<typeof FramePairsJSON>;

/** Sources of frames: a sound, or another series of real numbers. */
export class FrameSource implements SourceCodec {
  /**
   * @param longest in frames of the model
   * @param shortest in frames of the model
   */
  constructor(
    readonly frames: FrameFormat,
    readonly longest: number,
    readonly shortest = 1,
  ) {}

  get reads(): string {
    return this.frames.isSound ? ".wav files" : ".npy files";
  }

  /** Numbers in a frame of the model. */
  get frameSize(): number {
    return this.frames.size;
  }

  /** The length of a source. */
  decode(row: Iterable<number>): string {
    const frames = this.#steps(row) * this.frames.stack;
    return this.frames.isSound ? `${seconds(frames)} s` : `${frames} frames`;
  }

  /** The time in seconds at which each position of a sound begins, or the number of its first frame. */
  tokens(row: Iterable<number>, S = this.#steps(row)): string[] {
    const each = Math.round(this.#steps(row) / S) * this.frames.stack; // a pyramid joins steps
    return Array.from({ length: S }, (_, s) => (this.frames.isSound ? seconds(s * each) : String(s * each + 1)));
  }

  #steps(row: Iterable<number>): number {
    return [...row].length / this.frameSize;
  }
}

/** Frames of a sound or of another series as the source, texts of any length as the target. */
export class FramePairs implements PairCodec<FrameSource> {
  readonly source: FrameSource;
  readonly target: EosTarget;

  /**
   * @param longest in frames of the model, and in tokens
   * @param shortest in frames of the model
   */
  constructor(
    frames: FrameFormat,
    target: Tokenizer,
    longest: { readonly source: number; readonly target: number },
    shortest = 1,
  ) {
    this.source = new FrameSource(frames, longest.source, shortest);
    this.target = new EosTarget(target, longest.target);
  }

  static fromJSON({ frames, target, longest, shortest }: FramePairsJSON): FramePairs {
    return new FramePairs(new FrameFormat(frames), tokenizerFromJSON(target), longest, shortest);
  }

  toJSON(): FramePairsJSON {
    const { source, target } = this;
    return {
      ...{ type: "frames", frames: source.frames.toJSON(), target: target.tokenizer.toJSON() },
      longest: { source: source.longest, target: target.longest },
      shortest: source.shortest,
    };
  }
}

/** Frames of a sound are 10 ms apart. */
const seconds = (frames: number): string => (frames / 100).toFixed(2);
