import { DataError } from "../../engine/errors.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import type { DataFile } from "../files.js";
import type { TokenText } from "./text.js";

/** Bytes of a piece: what is read and turned into tokens at a time. */
const PIECE = 2 ** 18;
/** Pieces kept in memory: at most 64 MiB of text. */
const KEPT = 256;

/** A piece of a text file: whole characters, and where `unit` is "word" whole words. */
interface Piece {
  /** Its first byte, and the first behind it. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * The pieces of a UTF-8 file between two bytes, one after another.
 * @throws DataError naming the line of what is not UTF-8
 */
export function* readPieces(
  file: Pick<DataFile, "path" | "range">,
  unit: "character" | "word",
  from: number,
  to: number,
): Generator<Piece, void> {
  const { path } = file;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  for (let at = from; at < to; ) {
    const bytes = file.range(at, Math.min(at + PIECE, to));
    const got = bytes.length;
    if (got === 0)
      throw new DataError(`${path}: expected ${to} bytes, got ${at}: the file was cut short while it was read.`);
    const end = at + got < to ? lastBoundary(bytes, unit) : got;
    if (end === 0)
      throw new DataError(`${path}:${line}: expected words shorter than ${PIECE} bytes, got a longer one.`);
    const text = decode(decoder, bytes.subarray(0, end), `${path}:${line}`);
    yield { from: at, to: at + end, text };
    for (let i = 0; i < end; i++) if (bytes[i] === 10) line++;
    at += end;
  }
}

function decode(decoder: TextDecoder, bytes: Uint8Array, where: string): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new DataError(`${where} or after: expected UTF-8 text, got other bytes.`, "save the file as UTF-8");
  }
}

/** Number of bytes to take so that no character, and no word, is cut. */
function lastBoundary(bytes: Uint8Array, unit: "character" | "word"): number {
  for (let end = bytes.length; end > 0; end--) {
    const [last, next] = [bytes[end - 1] ?? 0, bytes[end]];
    if (unit === "word" ? last === 10 || last === 32 : next !== undefined && (next & 0xc0) !== 0x80) return end;
  }
  return 0;
}

/**
 * A section of a text file as tokens. The file is read once to count them; then any tokens are read again when they are
 * asked for, so a text may be larger than memory.
 */
export class FileText implements TokenText {
  readonly length: number;
  readonly #file: DataFile;
  readonly #unit: "character" | "word";
  readonly #tokenizer: Tokenizer;
  /** The byte and the token at which each piece begins; one more for the end. */
  readonly #marks: { byte: number; token: number }[];
  readonly #kept = new Map<number, Int32Array>();

  constructor(file: DataFile, unit: "character" | "word", tokenizer: Tokenizer, from: number, to: number) {
    this.#file = file;
    this.#unit = unit;
    this.#tokenizer = tokenizer;
    this.#marks = [];
    let token = 0;
    for (const piece of readPieces(file, unit, from, to)) {
      this.#marks.push({ byte: piece.from, token });
      const ids = Int32Array.from(tokenizer.encode(piece.text));
      this.#keep(this.#marks.length - 1, ids);
      token += ids.length;
    }
    this.#marks.push({ byte: to, token });
    this.length = token;
  }

  read(from: number, to: number): Int32Array {
    const tokens = new Int32Array(to - from);
    for (let at = from; at < to; ) {
      const piece = this.#pieceOf(at);
      const first = this.#marks[piece]?.token ?? 0;
      const part = this.#ids(piece).subarray(at - first, to - first);
      if (part.length === 0) throw new RangeError(`expected tokens below ${this.length}, got ${at}`);
      tokens.set(part, at - from);
      at += part.length;
    }
    return tokens;
  }

  /** The piece that holds a token, by binary search. */
  #pieceOf(token: number): number {
    let [low, high] = [0, this.#marks.length - 2];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#marks[middle]?.token ?? 0) <= token) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #ids(piece: number): Int32Array {
    const kept = this.#kept.get(piece);
    const ids = kept ?? this.#encode(piece);
    this.#keep(piece, ids);
    return ids;
  }

  #encode(piece: number): Int32Array {
    const [from, to] = [this.#marks[piece]?.byte ?? 0, this.#marks[piece + 1]?.byte ?? 0];
    const parts = Array.from(readPieces(this.#file, this.#unit, from, to), ({ text }) => this.#tokenizer.encode(text));
    return Int32Array.from(parts.flat());
  }

  /** Makes a piece the last to be dropped. */
  #keep(piece: number, ids: Int32Array): void {
    this.#kept.delete(piece);
    this.#kept.set(piece, ids);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}
