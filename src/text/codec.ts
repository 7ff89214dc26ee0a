import * as z from "zod/mini";
import { DataError, quote } from "../engine/errors.js";
import type { Characters } from "./characters.js";
import type { Tokenizer } from "./tokenizer.js";

/** A number of time steps or tokens in the model file. */
export const LengthJSON = z.int().check(z.minimum(1), z.maximum(1_000_000));
/** The longest source and target of training in the model file. */
export const LongestJSON = z.object({ source: LengthJSON, target: LengthJSON });

/** Encodes targets as token ids and decodes them again. */
export interface TargetCodec {
  /** Size of the vocabulary V, the end-of-sequence token included. */
  readonly size: number;
  readonly tokenizer: Tokenizer;
  /** The token that the decoder reads first. */
  readonly start: number;
  /** The end-of-sequence token; undefined if every target has `longest` tokens. */
  readonly end: number | undefined;
  /** Tokens of the longest target in training, the start token not counted, the end token counted. */
  readonly longest: number;
  /** The start token, which the text may leave out, and at least one more id. @throws DataError for an unknown token */
  encode(text: string): number[];
  decode(ids: Iterable<number>): string;
  /** The ids without the end-of-sequence token, or without the blanks that pad them. */
  withoutFill(ids: Iterable<number>): number[];
  /** The text of each token. */
  tokens(ids: Iterable<number>): string[];
}

/** Describes the sources of a model: texts, frames or pictures. */
export interface SourceCodec {
  /** The kind of data, for errors. @default "texts" */
  readonly reads?: string | undefined;
  /** Time steps of the longest source in training. */
  readonly longest: number;
  /** Time steps of the shortest source in training, for frames. @default 1 */
  readonly shortest?: number | undefined;
  /** True if a source may have several lines; a blank line then ends it on standard input. @default false */
  readonly hasLines?: boolean | undefined;
  /** A source as text, from the numbers of its row: the text itself, or a description of frames or a picture. */
  decode(row: Iterable<number>): string;
  /** A label for each of the S positions that attention scores. @param S @default one for each time step */
  tokens(row: Iterable<number>, S?: number): string[];
}

/** Encodes source texts as token ids and decodes them again. */
export interface TextSource extends SourceCodec {
  /** Size of the vocabulary, the end-of-sequence token included. */
  readonly size: number;
  readonly tokenizer: Tokenizer;
  /** At least one id. @throws DataError for a text that the model cannot read */
  encode(text: string): number[];
}

/** The codecs of both sides. A model file holds their JSON. */
export interface PairCodec<Source extends SourceCodec = SourceCodec> {
  readonly source: Source;
  readonly target: TargetCodec;
  toJSON(): object;
}

/** Display form of the end-of-sequence token. */
const EOS = "⏎";

/** Ids of any length and an end-of-sequence token (EOS), whose id follows those of the tokenizer. */
class EosTexts {
  /** The id of EOS. */
  readonly end: number;
  readonly size: number;

  /** @param longest in tokens, EOS included */
  constructor(
    readonly tokenizer: Tokenizer,
    readonly longest: number,
  ) {
    this.end = tokenizer.size;
    this.size = tokenizer.size + 1;
  }

  decode(ids: Iterable<number>): string {
    return this.tokenizer.decode(this.withoutFill(ids));
  }

  withoutFill(ids: Iterable<number>): number[] {
    return [...ids].filter((id) => id !== this.end);
  }

  tokens(ids: Iterable<number>): string[] {
    return Array.from(ids, (id) => (id === this.end ? EOS : this.tokenizer.token(id)));
  }
}

/** Source texts of any length, each followed by EOS. */
export class EosSource extends EosTexts implements TextSource {
  /**
   * @param longest in tokens, EOS included
   * @param hasLines whether a source has several lines, like a program; white space at its end is then left out
   */
  constructor(
    tokenizer: Tokenizer,
    longest: number,
    readonly hasLines = false,
  ) {
    super(tokenizer, longest);
  }

  encode(text: string): number[] {
    const source = this.hasLines ? text.replaceAll("\r\n", "\n").trimEnd() : text;
    return [...this.tokenizer.encode(source), this.end];
  }
}

/** Target texts of any length, each followed by EOS, which is the start token too. */
export class EosTarget extends EosTexts implements TargetCodec {
  get start(): number {
    return this.end;
  }

  encode(text: string): number[] {
    return [this.start, ...this.tokenizer.encode(text), this.end];
  }
}

const BLANK = " ";

/** Texts of one width, padded with blanks, which are characters like any other: the form of the book. */
class FixedTexts {
  readonly size: number;

  /** @param width in characters, the start character included */
  constructor(
    readonly tokenizer: Characters,
    readonly width: number,
  ) {
    this.size = tokenizer.size;
  }

  /** The text without the blanks at its end. */
  decode(ids: Iterable<number>): string {
    return this.tokenizer.decode(this.withoutFill(ids));
  }

  withoutFill(ids: Iterable<number>): number[] {
    const all = [...ids];
    return all.slice(0, all.findLastIndex((id) => this.tokenizer.token(id) !== BLANK) + 1);
  }

  tokens(ids: Iterable<number>): string[] {
    return Array.from(ids, (id) => this.tokenizer.token(id));
  }
}

/** Source texts of one width. */
export class FixedSource extends FixedTexts implements TextSource {
  get longest(): number {
    return this.width;
  }

  /** @throws DataError for an unknown character, or a text that is too long */
  encode(text: string): number[] {
    return encodeFixed(this.tokenizer, text, this.width);
  }
}

/** Target texts of one width, each after a start character. */
export class FixedTarget extends FixedTexts implements TargetCodec {
  readonly start: number;
  readonly end = undefined;

  constructor(
    tokenizer: Characters,
    width: number,
    readonly startCharacter: string,
  ) {
    super(tokenizer, width);
    this.start = tokenizer.idOf(startCharacter);
  }

  get longest(): number {
    return this.width - 1;
  }

  /** @throws DataError for an unknown character, or a text that is too long */
  encode(text: string): number[] {
    const { startCharacter: start } = this;
    const answer = text.startsWith(start) ? text.slice(start.length) : text;
    return [this.start, ...encodeFixed(this.tokenizer, answer, this.longest)];
  }
}

/** The ids of a text, padded with blanks to `width`. */
function encodeFixed(characters: Characters, text: string, width: number): number[] {
  const length = [...text].length;
  if (length > width)
    throw new DataError(`${quote(text)}: expected at most ${width} characters, as in training, got ${length}.`);
  if (length < width && !characters.characters.includes(BLANK))
    throw new DataError(
      `${quote(text)}: expected ${width} characters, as in training, got ${length}.`,
      "the vocabulary has no blank to pad the text with",
    );
  return [...characters.encode(text), ...characters.encode(BLANK.repeat(width - length))];
}
