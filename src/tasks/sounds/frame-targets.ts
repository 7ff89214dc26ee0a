import * as z from "zod/mini";
import { EosTargets, LengthJSON, LongestJSON } from "../../text/targets.js";
import { type Tokenizer, TokenizerJSON, tokenizerFromJSON } from "../../text/tokenizer.js";
import { FrameFormat, FrameFormatJSON } from "./frame-format.js";

/** What stands in the model file. */
export const FrameTargetsJSON = z.object({
  type: z.literal("frames"),
  frames: FrameFormatJSON,
  target: TokenizerJSON,
  longest: LongestJSON,
  shortest: z._default(LengthJSON, 1),
});
export type FrameTargetsJSON = z.infer<typeof FrameTargetsJSON>;

/** Frames of a sound or of another series as the source, and texts of any length as the target. */
export class FrameTargets extends EosTargets {
  /**
   * @param longest in frames that the model reads, and in tokens
   * @param shortest in frames that the model reads
   */
  constructor(
    readonly frames: FrameFormat,
    target: Tokenizer,
    longest: { readonly source: number; readonly target: number },
    readonly shortest = 1,
  ) {
    super(target, longest);
  }

  static fromJSON({ frames, target, longest, shortest }: FrameTargetsJSON): FrameTargets {
    return new FrameTargets(new FrameFormat(frames), tokenizerFromJSON(target), longest, shortest);
  }

  /** Numbers in a frame that the model reads. */
  get frameSize(): number {
    return this.frames.size;
  }

  /** How long it is. */
  decodeSource(row: Iterable<number>): string {
    const frames = this.#steps(row) * this.frames.stack;
    return this.frames.isSound ? `${seconds(frames)} s` : `${frames} frames`;
  }

  /** Where each position begins: the second of a sound, or the number of a frame. */
  sourceTokens(row: Iterable<number>, S = this.#steps(row)): string[] {
    const each = Math.round(this.#steps(row) / S) * this.frames.stack; // a pyramid joins steps
    return Array.from({ length: S }, (_, s) => (this.frames.isSound ? seconds(s * each) : String(s * each + 1)));
  }

  #steps(row: Iterable<number>): number {
    return [...row].length / this.frameSize;
  }

  toJSON(): FrameTargetsJSON {
    const { frames, target, longest, shortest } = this;
    return { type: "frames", frames: frames.toJSON(), target: target.toJSON(), longest, shortest };
  }
}

/** The hundredths of a second that a sound's frames stand for. */
const seconds = (frames: number): string => (frames / 100).toFixed(2);
