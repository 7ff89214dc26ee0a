import type { Tokenizer } from "../../text/tokenizer.js";

/** A text as token ids that can be read from any position. It may be in memory or in a file. */
export interface TokenText {
  /** Tokens. */
  readonly length: number;
  /** The tokens from `from` up to, but not including, `to`. */
  read(from: number, to: number): Int32Array;
}

/** A text to learn from, as training, validation and test set. */
export interface TextData {
  readonly name: string;
  readonly tokenizer: Tokenizer;
  readonly train: TokenText;
  readonly valid: TokenText;
  readonly test: TokenText;
}

/** Token ids in memory. */
export class MemoryText implements TokenText {
  constructor(readonly ids: Int32Array) {}

  get length(): number {
    return this.ids.length;
  }

  read(from: number, to: number): Int32Array {
    return this.ids.subarray(from, to);
  }
}
