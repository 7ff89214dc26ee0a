import * as z from "zod/mini";
import { DataError, nearestFew, quote } from "../engine/errors.js";
import { MOST_TOKENS } from "./vocabulary.js";

const Id = z.int().check(z.minimum(0), z.maximum(MOST_TOKENS - 1));
const part = z._default(z.nullable(z.looseObject({})), null);

/** The checked fields of a tokenizer.json. Ids are limited, so that a table of them fits in memory. */
const Content = z.looseObject({
  ...{ normalizer: part, pre_tokenizer: part, post_processor: part, decoder: part },
  added_tokens: z._default(z.array(z.looseObject({ id: Id, content: z.string() })), []),
  model: z.looseObject({
    type: z.enum(["BPE", "WordPiece", "Unigram"]),
    vocab: z.union([
      z.record(z.string(), Id),
      z.array(z.tuple([z.string(), z.number()])).check(z.maxLength(MOST_TOKENS)),
    ]),
    unk_token: z.optional(z.nullable(z.string())),
    unk_id: z.optional(z.nullable(Id)),
  }),
});

/** A Hugging Face tokenizer in the model file: the whole tokenizer.json. */
export const HuggingFaceJSON = z.object({ type: z.literal("huggingface"), tokenizer: Content });
export type HuggingFaceJSON = z.infer<typeof HuggingFaceJSON>;

/** The part of the optional package @huggingface/tokenizers that is used. */
export interface HuggingFaceLibrary {
  readonly Tokenizer: new (tokenizer: object, config: object) => LibraryTokenizer;
}

interface LibraryTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: (number | null | undefined)[] };
  decode(ids: number[], options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean }): string;
  get_vocab(): Map<string | undefined, number>;
}

/**
 * A tokenizer that someone else has trained, from a tokenizer.json of Hugging Face. No token is added before or after a
 * text, and none is left out where ids become text. A token is spelled as its vocabulary does: `Ġthe`, `##ing`.
 *
 * @example
 * import * as library from "@huggingface/tokenizers";
 * const tokenizer = HuggingFace.read("tokenizer.json", text, library);
 */
export class HuggingFace {
  readonly lineBreak = "\n";
  /** The largest id, and one. */
  readonly size: number;
  readonly #content: HuggingFaceJSON["tokenizer"];
  readonly #tokenizer: LibraryTokenizer;
  readonly #ids = new Map<string, number>();
  readonly #tokens = new Map<number, string>();
  readonly unknown: number | undefined;

  private constructor(name: string, content: HuggingFaceJSON["tokenizer"], library: HuggingFaceLibrary | undefined) {
    this.#content = content;
    this.#tokenizer = open(name, content, library);
    for (const [token, id] of this.#tokenizer.get_vocab())
      if (token !== undefined) {
        this.#ids.set(token, id);
        this.#tokens.set(id, token);
      }
    this.size = [...this.#tokens.keys()].reduce((size, id) => Math.max(size, id + 1), 0);
    const { unk_token, unk_id, vocab } = content.model;
    this.unknown = unk_id ?? (Array.isArray(vocab) ? undefined : this.#ids.get(unk_token ?? ""));
  }

  /**
   * @param name how errors call the file
   * @throws DataError where the text is no tokenizer.json, or there is no library
   */
  static read(name: string, text: string, library?: HuggingFaceLibrary): HuggingFace {
    const parsed = z.safeParse(Content, parse(text));
    if (parsed.success) return new HuggingFace(name, parsed.data, library);
    const where = parsed.error.issues[0]?.path.join(".");
    throw new DataError(
      `${name}: expected a tokenizer.json of Hugging Face, got ${where ? `another ${where}` : "something else"}.`,
      "the file is tokenizer.json, not tokenizer_config.json or vocab.json; its model is BPE, WordPiece or Unigram",
    );
  }

  static fromJSON({ tokenizer }: HuggingFaceJSON, library?: HuggingFaceLibrary): HuggingFace {
    return new HuggingFace("tokenizer.json", tokenizer, library);
  }

  encode(text: string): number[] {
    if (text === "") return [];
    return this.#tokenizer.encode(text, { add_special_tokens: false }).ids.map((id) => {
      if (typeof id === "number") return id;
      throw new DataError(`${quote(text)}: expected characters the tokenizer knows, got others.`);
    });
  }

  encodeKnown(text: string): number[] {
    const ids = this.encode(text);
    if (this.unknown === undefined || !ids.includes(this.unknown)) return ids;
    throw new DataError(`${quote(text)}: expected tokens the model knows, got ${this.token(this.unknown)} among them.`);
  }

  decode(ids: Iterable<number>): string {
    const known = [...ids].filter((id) => this.#tokens.has(id));
    if (known.length === 0) return "";
    return this.#tokenizer.decode(known, { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  }

  token(id: number): string {
    return this.#tokens.get(id) ?? "\uFFFD";
  }

  idOf(token: string): number {
    const id = this.#ids.get(token);
    if (id !== undefined) return id;
    const near = nearestFew(token, this.#ids.keys(), 3);
    throw new DataError(
      `${quote(token)}: expected one of the ${this.size} tokens the model knows, got another.`,
      near.length > 0 ? `near it: ${near.join(", ")}` : undefined,
    );
  }

  toJSON(): HuggingFaceJSON {
    return { type: "huggingface", tokenizer: this.#content };
  }
}

let find: () => HuggingFaceLibrary | undefined = () => undefined;

/** Says where the package comes from when a model file needs it. In Node this is done; a page does it itself. */
export function provideHuggingFace(library: () => HuggingFaceLibrary | undefined): void {
  find = library;
}

function open(name: string, content: object, library = find()): LibraryTokenizer {
  if (!library)
    throw new DataError(
      `${name}: expected the package @huggingface/tokenizers, got none.`,
      "npm install @huggingface/tokenizers",
    );
  try {
    return new library.Tokenizer(content, {});
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(`${name}: expected a tokenizer that @huggingface/tokenizers reads, got: ${got}.`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
