import * as z from "zod/mini";
import { DataError } from "../errors.js";
import { quote } from "./quote.js";

const Character = z.string().check(z.refine((text) => [...text].length === 1));

/** What stands in the model file for a character vocabulary. */
export const CharactersJSON = z.object({
  type: z.literal("characters"),
  characters: z.array(Character).check(z.refine((list) => new Set(list).size === list.length)),
});
export type CharactersJSON = z.infer<typeof CharactersJSON>;

/** A vocabulary of characters (Unicode code points); a character's id is its place in the list. */
export class Characters {
  readonly #ids: ReadonlyMap<string, number>;

  constructor(readonly characters: readonly string[]) {
    this.#ids = new Map(characters.map((character, id) => [character, id]));
  }

  /** The characters of some texts, in the order in which they first appear. */
  static of(texts: Iterable<string>): Characters {
    const seen = new Set<string>();
    for (const text of texts) for (const character of text) seen.add(character);
    return new Characters([...seen]);
  }

  get size(): number {
    return this.characters.length;
  }

  /** @throws DataError for a character that is not in the vocabulary, with its place */
  encode(text: string): number[] {
    return [...text].map((character, i) => {
      const id = this.#ids.get(character);
      if (id !== undefined) return id;
      throw new DataError(
        `${quote(text)}, character ${i + 1}: expected one of the ${this.size} characters the model has seen, got ${quote(character)}.`,
        `the model knows: ${this.characters.map((known) => (known === " " ? "␠" : known)).join(" ")}`,
      );
    });
  }

  decode(ids: Iterable<number>): string {
    return Array.from(ids, (id) => this.characters[id] ?? "\uFFFD").join("");
  }

  readonly lineBreak = "\n";

  encodeKnown(text: string): number[] {
    return this.encode(text);
  }

  token(id: number): string {
    return this.characters[id] ?? "\uFFFD";
  }

  idOf(character: string): number {
    const id = this.#ids.get(character);
    if (id !== undefined) return id;
    throw new DataError(`"${character}": expected one of the ${this.size} characters the model knows, got another.`);
  }

  toJSON(): CharactersJSON {
    return { type: "characters", characters: [...this.characters] };
  }
}
