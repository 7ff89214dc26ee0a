import * as z from "zod/mini";
import { DataError, nearestFew, OptionError, quote } from "../engine/errors.js";
import { BYTES, type CountedWord, learnMerges, mergeIn, pairOf, TokenTable, tokensOf } from "./learn-merges.js";
import { copy, countTokens, MOST_TOKENS, mostFrequent } from "./vocabulary.js";

/**
 * The pieces of a text, which no token goes beyond; joined they are the text again. In the order in which they are tried:
 *
 *      ?[\p{L}\p{M}]{1,64}      a run of letters and their marks, with one blank before it
 *      ?\p{N}{1,64}             a run of digits, with one blank before it
 *      ?[^\s\p{L}\p{M}\p{N}]…   a run of anything else that is not white space, with one blank before it
 *     \s{1,64}(?=\s|$)          white space, up to the last one before something else
 *     \s                        that last one, where it is no blank
 *
 * No run is longer than 64: of a long line without blanks each character costs no more than in a short one.
 */
const PIECES = / ?(?:[\p{L}\p{M}]{1,64}|\p{N}{1,64}|[^\s\p{L}\p{M}\p{N}]{1,64})|\s{1,64}(?=\s|$)|\s/gu;

/** Characters are tokens of their own up to this share of the text; the rest of them, the rare, are written in bytes. */
const COVERED = 0.9995;

const encoder = new TextEncoder();

/** Pieces whose tokens are remembered. */
const REMEMBERED = 2 ** 16;

/** A byte-pair encoding in the model file: the characters in the order of their ids, and both ids of each merge. */
export const BytePairJSON = z
  .object({
    type: z.literal("bpe"),
    characters: z.string(),
    merges: z.array(z.int().check(z.minimum(BYTES), z.maximum(MOST_TOKENS))).check(z.maxLength(2 * MOST_TOKENS)),
    lowercase: z.optional(z.boolean()),
  })
  .check(
    z.refine(({ characters }) => areCharacters([...characters]), { path: ["characters"] }),
    z.refine((json) => tableOf(json) !== undefined, { path: ["merges"] }),
  );
export type BytePairJSON = z.infer<typeof BytePairJSON>;

/**
 * Byte-pair encoding: frequent words are one token, others are put together of parts. Nothing is unknown: characters that
 * were rare in training are written in the bytes of their UTF-8. What is decoded is the text that was encoded, to the
 * letter; only halves of surrogate pairs, which are no text, come back as U+FFFD.
 * Source: Sennrich, Haddow & Birch 2016.
 */
export class BytePair {
  readonly lineBreak = "\n";
  readonly unknown = undefined;
  readonly lowercase: boolean;
  readonly #table: TokenTable;
  readonly #characters: string;
  readonly #remembered = new Map<string, readonly number[]>();

  private constructor(characters: string, table: TokenTable, lowercase: boolean) {
    this.#characters = characters;
    this.#table = table;
    this.lowercase = lowercase;
  }

  /**
   * Learns from texts, which are gone through once. There are fewer than `size` tokens where no pair of tokens is left
   * that occurs twice.
   * @throws OptionError where `size` leaves no token beside the 256 bytes
   */
  static train(
    texts: Iterable<string>,
    { size, lowercase = false }: { size: number; lowercase?: boolean | undefined },
  ): BytePair {
    if (!(size > BYTES && size <= MOST_TOKENS))
      throw new OptionError(
        `BytePair.train: size: expected a vocabulary of ${BYTES + 1} to ${MOST_TOKENS} tokens, got ${size}.`,
        `${BYTES} of the tokens are bytes`,
      );
    const pieces = countTokens(texts, (text) => piecesOf(text, lowercase));
    const characters = frequentCharacters(pieces, size - BYTES);
    const table = new TokenTable(characters);
    const words = Array.from(pieces, ([piece, count]): CountedWord => ({ tokens: baseTokens(table, piece), count }));
    learnMerges(table, words, size);
    return new BytePair(characters.join(""), table, lowercase);
  }

  static fromJSON(json: BytePairJSON): BytePair {
    const table = tableOf(json);
    if (!table) throw new DataError("BytePair.fromJSON: expected merges of earlier tokens, got others.");
    return new BytePair(json.characters, table, json.lowercase ?? false);
  }

  get size(): number {
    return this.#table.tokens.length;
  }

  encode(text: string): number[] {
    const ids: number[] = [];
    for (const piece of piecesOf(text, this.lowercase)) for (const id of this.#encodePiece(piece)) ids.push(id);
    return ids;
  }

  encodeKnown(text: string): number[] {
    return this.encode(text);
  }

  decode(ids: Iterable<number>): string {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const parts: string[] = [];
    let bytes: number[] = [];
    const takeBytes = (): void => {
      if (bytes.length > 0) parts.push(decoder.decode(Uint8Array.from(bytes)));
      bytes = [];
    };
    for (const id of ids)
      if (id >= 0 && id < BYTES) bytes.push(id);
      else {
        takeBytes();
        parts.push(this.token(id));
      }
    takeBytes();
    return parts.join("");
  }

  /** The text of one token, of a byte `<0xE2>`. */
  token(id: number): string {
    return this.#table.tokens[id] ?? "\uFFFD";
  }

  idOf(token: string): number {
    const id = this.#table.idOf(token);
    if (id !== undefined) return id;
    const near = nearestFew(token, this.#table.tokens, 3);
    throw new DataError(
      `${quote(token)}: expected one of the ${this.size} tokens the model knows, got another.`,
      near.length > 0 ? `near it: ${near.map(quote).join(", ")}` : undefined,
    );
  }

  toJSON(): BytePairJSON {
    const merges = this.#table.merges.flatMap(tokensOf);
    return { type: "bpe", characters: this.#characters, merges, ...(this.lowercase && { lowercase: true }) };
  }

  #encodePiece(piece: string): readonly number[] {
    const remembered = this.#remembered.get(piece);
    if (remembered) return remembered;
    const ids = encodePiece(this.#table, piece);
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear(); // the frequent ones are soon there again
    this.#remembered.set(copy(piece), ids);
    return ids;
  }
}

/** Merges the pair that was learned first, again and again, until there is none left. */
function encodePiece(table: TokenTable, piece: string): number[] {
  let ids = baseTokens(table, piece);
  for (;;) {
    let first = Number.POSITIVE_INFINITY;
    for (let i = 1; i < ids.length; i++)
      first = Math.min(first, table.rankOf(pairOf(ids[i - 1] ?? 0, ids[i] ?? 0)) ?? first);
    const pair = table.merges[first];
    if (pair === undefined) return ids;
    ids = mergeIn(ids, pair, table.mergedOf(first));
  }
}

/** A piece before any merge: its characters, the rare ones in bytes. */
function baseTokens(table: TokenTable, piece: string): number[] {
  return [...piece].flatMap((character) => table.idOf(character) ?? [...encoder.encode(character)]);
}

function piecesOf(text: string, lowercase: boolean): string[] {
  const whole = text.replace(/\p{Cs}/gu, "\uFFFD"); // halves of surrogate pairs have no UTF-8
  return (lowercase ? whole.toLowerCase() : whole).match(PIECES) ?? [];
}

function frequentCharacters(pieces: ReadonlyMap<string, number>, limit: number): string[] {
  const counts = new Map<string, number>();
  for (const [piece, count] of pieces)
    for (const character of piece) counts.set(character, (counts.get(character) ?? 0) + count);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const descending = [...counts.values()].sort((a, b) => b - a);
  let [kept, covered] = [0, 0];
  while (kept < descending.length && covered < COVERED * total) covered += descending[kept++] ?? 0;
  return mostFrequent(counts, Math.min(kept, limit));
}

function areCharacters(characters: readonly string[]): boolean {
  return new Set(characters).size === characters.length && !characters.some((each) => /\p{Cs}/u.test(each));
}

/** The tokens that a file describes, or undefined where a merge is not of two earlier ones. */
function tableOf({ characters, merges }: { characters: string; merges: readonly number[] }): TokenTable | undefined {
  const table = new TokenTable(characters);
  for (let i = 0; i < merges.length; i += 2)
    if (table.merge(pairOf(merges[i] ?? -1, merges[i + 1] ?? -1)) === undefined) return undefined;
  return table;
}
