import * as z from "zod/mini";
import { DataError, quote } from "../engine/errors.js";
import { countTokens, MOST_TOKENS, UNKNOWN, withUnknown } from "./vocabulary.js";

/** Units of a text: Unicode code points, or grapheme clusters (what a reader sees as one character). */
const units = {
  characters: (text) => [...text],
  graphemes: splitGraphemes,
} as const satisfies Record<string, (text: string) => string[]>;
export type CharacterUnit = keyof typeof units;

/**
 * A vocabulary of characters in the model file. Grapheme boundaries differ between versions of Unicode,
 * so it is not checked.
 */
export const CharactersJSON = z
  .object({
    type: z.enum(["characters", "graphemes"]),
    characters: z.array(z.string().check(z.minLength(1))).check(
      z.maxLength(MOST_TOKENS),
      z.refine((list) => new Set(list).size === list.length),
    ),
    lowercase: z.optional(z.boolean()),
  })
  .check(({ value, issues }) => {
    const other = value.type === "graphemes" ? -1 : value.characters.findIndex((token) => !isCharacter(token));
    if (other >= 0) issues.push({ code: "custom", path: ["characters", other], input: value });
  });
export type CharactersJSON = z.infer<typeof CharactersJSON>;

function isCharacter(token: string): boolean {
  return token === UNKNOWN || [...token].length === 1;
}

/**
 * A vocabulary of characters; a character's id is its place in the list. Where `<unk>` stands among them, it is read for
 * a character outside the vocabulary; otherwise that is an error.
 */
export class Characters {
  readonly lineBreak = "\n";
  readonly unit: CharacterUnit;
  readonly lowercase: boolean;
  readonly #ids: ReadonlyMap<string, number>;
  readonly unknown: number | undefined;

  /** @param options.lowercase texts are read in small letters */
  constructor(
    readonly characters: readonly string[],
    options: { unit?: CharacterUnit | undefined; lowercase?: boolean | undefined } = {},
  ) {
    this.unit = options.unit ?? "characters";
    this.lowercase = options.lowercase ?? false;
    this.#ids = new Map(characters.map((character, id) => [character, id]));
    this.unknown = this.#ids.get(UNKNOWN);
  }

  /** The characters of some texts, in the order in which they first appear. */
  static of(texts: Iterable<string>): Characters {
    const seen = new Set<string>();
    for (const text of texts) for (const character of text) seen.add(character);
    return new Characters([...seen]);
  }

  /** The `size` most frequent characters of some texts, with `<unk>` always among them. */
  static train(
    texts: Iterable<string>,
    options: { size: number; unit?: CharacterUnit; lowercase?: boolean | undefined },
  ): Characters {
    const reader = new Characters([], options);
    return new Characters(
      withUnknown(
        countTokens(texts, (text) => reader.#split(text)),
        options.size,
      ),
      options,
    );
  }

  static fromJSON({ type, characters, lowercase }: CharactersJSON): Characters {
    return new Characters(characters, { unit: type, lowercase });
  }

  get size(): number {
    return this.characters.length;
  }

  /** @throws DataError for a character that is not in the vocabulary, with its place, where there is no `<unk>` */
  encode(text: string): number[] {
    return this.#encode(text, this.unknown);
  }

  encodeKnown(text: string): number[] {
    return this.#encode(text, undefined);
  }

  /** The characters one after another; what is unknown is written as U+FFFD. */
  decode(ids: Iterable<number>): string {
    return Array.from(ids, (id) => (id === this.unknown ? "\uFFFD" : this.token(id))).join("");
  }

  token(id: number): string {
    return this.characters[id] ?? "\uFFFD";
  }

  idOf(character: string): number {
    const id = this.#ids.get(character);
    if (id !== undefined) return id;
    throw new DataError(
      `${quote(character)}: expected one of the ${this.size} characters the model knows, got another.`,
    );
  }

  toJSON(): CharactersJSON {
    return { type: this.unit, characters: [...this.characters], ...(this.lowercase && { lowercase: true }) };
  }

  #split(text: string): string[] {
    return units[this.unit](this.lowercase ? text.toLowerCase() : text);
  }

  #encode(text: string, unknown: number | undefined): number[] {
    return this.#split(text).map((character, i, all) => {
      const id = this.#ids.get(character) ?? unknown;
      if (id !== undefined) return id;
      throw new DataError(
        `${placeOf(text, all.slice(0, i))}: expected one of the ${this.size} characters the model has seen, got ${quote(character)}.`,
        `the model knows: ${listCharacters(this.characters)}`,
      );
    });
  }
}

/** The position in a text, in words, of the character after those `before`, with its line if there are several. */
function placeOf(text: string, before: readonly string[]): string {
  const lines = text.split("\n");
  const line = before.filter((each) => each.endsWith("\n")).length;
  const character = before.length - before.findLastIndex((each) => each.endsWith("\n"));
  return `${quote(lines[line] ?? text)}, ${lines.length > 1 ? `line ${line + 1}, ` : ""}character ${character}`;
}

/** UTF-16 units that the segmenter is given at a time: of a text of thousands it takes quadratic time. */
const WINDOW = 1000;

/** Made when it is first needed: not every browser has one. */
let segmenter: Intl.Segmenter | undefined;

/**
 * The grapheme clusters of a text: what a reader takes for one character. The last of a window may go on behind it, so
 * the next window begins there; one that fills its window is tried with twice as much.
 */
export function splitGraphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  const graphemes: string[] = [];
  for (let [start, width] = [0, WINDOW]; start < text.length; ) {
    const end = wholeCharacters(text, start + width);
    const found = Array.from(segmenter.segment(text.slice(start, end)), ({ segment }) => segment);
    const last = end < text.length ? (found.pop() ?? "") : "";
    for (const grapheme of found) graphemes.push(grapheme);
    width = found.length === 0 ? 2 * width : WINDOW;
    start = end - last.length;
  }
  return graphemes;
}

/** `end`, or one less where it would cut a surrogate pair. */
function wholeCharacters(text: string, end: number): number {
  if (end >= text.length) return text.length;
  return (text.codePointAt(end - 1) ?? 0) > 0xffff ? end - 1 : end;
}

const visible: Readonly<Record<string, string>> = { " ": "␠", "\n": "⏎", "\t": "⇥" };

/** Characters in a list, with blanks between: white space is shown by signs. */
export function listCharacters(characters: readonly string[]): string {
  return characters.map((each) => visible[each] ?? each).join(" ");
}
