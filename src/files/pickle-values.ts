import type { DataError } from "../engine/errors.js";

/** A value on the stack of a pickle while it is read. Lists and tuples are both arrays. */
export type Value = null | boolean | number | Text | Uint8Array | Global | Instance | Dict | Value[];

/** An object that the opcode BUILD gives its state. */
export interface Instance {
  build(state: Value, reader: PickleReader): void;
}

/** The reader of a pickle, as its values see it. */
export interface PickleReader {
  /** Refuses a pickle that asks for far more memory than its own size. Call it before allocating. */
  charge(bytes: number): void;
  /** Makes the error to throw; it names the byte at which the reader is. */
  error(expected: string, got: string, hint?: string): DataError;
}

/** A function that a pickle may call, implemented here. */
export type Call = (args: readonly Value[], reader: PickleReader) => Value;

/** A name that a pickle may use; without `call` it may only be passed as an argument. */
export class Global {
  constructor(
    readonly name: string,
    readonly call: Call | undefined,
  ) {}
}

/** A dict as written in the file: a later key may repeat an earlier one. */
export class Dict {
  readonly keys: Text[] = [];
  readonly values: Value[] = [];
}

/** Decodes a string: passes its UTF-16 units to `put`, returns false if the bytes are malformed. */
type Decode = (raw: Uint8Array, put: (unit: number) => void) => boolean;

/** A string of the file, not yet decoded: it may hold the data of a whole array. */
export class Text {
  constructor(
    readonly file: Uint8Array,
    readonly start: number,
    readonly end: number,
    readonly encoding: keyof typeof decoders,
  ) {}

  /** Decodes the string. */
  decode(reader: PickleReader): string {
    reader.charge(WEIGHT.text + 4 * this.#size);
    const units = new Uint16Array(this.#size);
    const length = this.#fill(units, 0xffff, reader);
    const pieces: string[] = [];
    for (let at = 0; at < length; at += PIECE)
      pieces.push(String.fromCharCode(...units.subarray(at, Math.min(at + PIECE, length))));
    return pieces.join("");
  }

  /** Encodes one byte per character; characters above 255 are refused. */
  encodeLatin1(reader: PickleReader): Uint8Array {
    reader.charge(WEIGHT.view + this.#size);
    const bytes = new Uint8Array(this.#size);
    return bytes.subarray(0, this.#fill(bytes, 0xff, reader));
  }

  /** True if the text is this short word. A long text is not decoded for the comparison. */
  is(word: string, reader: PickleReader): boolean {
    return this.#size <= 64 && this.decode(reader) === word;
  }

  /** Text for an error message: shortened, on one line. */
  show(reader: PickleReader): string {
    const most = 100;
    const text = new Text(this.file, this.start, Math.min(this.end, this.start + most), "Latin-1").decode(reader);
    return text.replace(/[^ -~]/g, "?") + (this.#size > most ? "…" : "");
  }

  get #size(): number {
    return this.end - this.start;
  }

  /** Decodes into `units`, returns their number, which is at most the number of bytes. */
  #fill(units: Uint8Array | Uint16Array, most: number, reader: PickleReader): number {
    let [length, highest] = [0, 0];
    const sound = decoders[this.encoding](this.file.subarray(this.start, this.end), (unit) => {
      if (unit > highest) highest = unit;
      units[length++] = unit;
    });
    if (!sound) throw reader.error(`${this.encoding} text`, "bytes of another encoding");
    if (highest > most) throw reader.error(`characters from 0 to ${most}`, `character ${highest}`);
    return length;
  }
}

/** Approximate memory of each kind of value in bytes, without its contents. */
export const WEIGHT = { slot: 40, view: 500, text: 64, list: 300, dict: 600, entry: 64, memo: 64, mark: 40 };

const PIECE = 4096;

const decoders = {
  "Latin-1": (raw, put) => {
    for (const byte of raw) put(byte);
    return true;
  },

  // As Python's "surrogatepass": unpaired surrogates are allowed.
  "UTF-8": (raw, put) => {
    for (let at = 0; at < raw.length; ) {
      const lead = raw[at++] ?? 0;
      const more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
      let code = more === 0 ? lead : lead & (0x3f >> more);
      for (let i = 0; i < more; i++) {
        const next = raw[at++] ?? 0;
        if (next >> 6 !== 2) return false;
        code = (code << 6) | (next & 0x3f);
      }
      if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || code < ([0, 0x80, 0x800, 0x10000][more] ?? 0)) return false;
      if (!putCode(code, put)) return false;
    }
    return true;
  },

  "raw Unicode escape": (raw, put) => {
    for (let at = 0; at < raw.length; ) {
      const byte = raw[at++] ?? 0;
      const digits = byte !== BACKSLASH ? 0 : raw[at] === LOWER_U ? 4 : raw[at] === UPPER_U ? 8 : 0;
      if (digits === 0) {
        put(byte);
        // A backslash keeps the one after it from starting an escape.
        if (byte === BACKSLASH && at < raw.length) put(raw[at++] ?? 0);
        continue;
      }
      const code = parseDigits(raw, at + 1, digits, 16);
      if (code === undefined || !putCode(code, put)) return false;
      at += 1 + digits;
    }
    return true;
  },

  "quoted Python 2": (raw, put) => {
    const quote = raw[0];
    if (raw.length < 2 || (quote !== 0x27 && quote !== 0x22) || raw.at(-1) !== quote) return false;
    for (let at = 1; at < raw.length - 1; ) {
      const byte = raw[at++] ?? 0;
      if (byte !== BACKSLASH) {
        put(byte);
        continue;
      }
      const letter = String.fromCharCode(raw[at] ?? 0);
      const plain = PYTHON_ESCAPES.get(letter);
      const code = plain ?? (letter === "x" ? parseDigits(raw, at + 1, 2, 16) : parseDigits(raw, at, 3, 8));
      if (code === undefined) return false;
      put(code);
      at += plain === undefined ? 3 : 1;
    }
    return true;
  },
} satisfies Record<string, Decode>;

const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const UPPER_U = 0x55;

/** Escapes of one letter in the `repr` of a Python 2 string. */
const PYTHON_ESCAPES: ReadonlyMap<string, number> = new Map([
  ["\\", BACKSLASH],
  ["'", 0x27],
  ['"', 0x22],
  ["n", 10],
  ["r", 13],
  ["t", 9],
]);

function parseDigits(raw: Uint8Array, start: number, count: number, radix: number): number | undefined {
  const digits = String.fromCharCode(...raw.subarray(start, start + count));
  const pattern = radix === 16 ? /^[0-9a-fA-F]+$/ : /^[0-3][0-7]+$/;
  return digits.length === count && pattern.test(digits) ? Number.parseInt(digits, radix) : undefined;
}

function putCode(code: number, put: (unit: number) => void): boolean {
  if (code > 0x10ffff) return false;
  if (code > 0xffff) put(0xd7c0 + (code >> 10));
  put(code > 0xffff ? 0xdc00 | (code & 0x3ff) : code);
  return true;
}
