import * as z from "zod/mini";
import { AllowedWords } from "../decode/allowed-words.js";
import type { AnswerOptions } from "../decode/answer.js";
import { DecodeOptions, searchSettings } from "../decode/decode-options.js";
import { type Prediction, predictSources } from "../decode/predict.js";
import type { Backend } from "../engine/backend/backend.js";
import { describeOption } from "../engine/check-options.js";
import { DataError, OptionError } from "../engine/errors.js";
import { nodePorts } from "../node/data-files.js";
import { readBytes } from "../node/files.js";
import { CaptionTaskOptions } from "../tasks/captions/caption-task.js";
import type { NetworkChoice, PicturePorts } from "../tasks/captions/picture-reading.js";
import { type InputReader, openInputReader } from "../tasks/input-reader.js";
import type { SavedAnswering } from "../tasks/model-kinds.js";
import { Seed } from "../tasks/training-options.js";
import type { SourceCodec } from "../text/codec.js";
import type { Tokenizer } from "../text/tokenizer.js";
import { grouped, type Output } from "./output.js";

/** Flags of the decoding. */
export const AnswerFlags = z.extend(DecodeOptions, {
  words: z.optional(
    z.string().check(describeOption("decoding", "Limit answers to the words of this file, one per line")),
  ),
  suppress: z.optional(
    z.string().check(describeOption("decoding", 'Never produce these tokens, separated by commas: "<unk>"')),
  ),
  seed: z._default(Seed.check(describeOption("decoding", "Seed the sampling")), 1),
});
/** Flags for the image network of a captioner and the cache of its features. */
export const NetworkFlags = z.object({
  cnn: z.optional(
    z
      .string()
      .check(
        z.minLength(1),
        describeOption("model", "Read pictures with this image network", "found beside the model"),
      ),
  ),
  cache: CaptionTaskOptions.shape.cache,
});
export type AnswerFlags = z.infer<typeof AnswerFlags>;

/**
 * Converts flags to options.
 * @throws OptionError if they contradict each other or do not apply to the model
 * @throws DataError if a file is missing or a token is unknown
 */
export function answerOptions(
  { words: file, suppress: list, ...flags }: AnswerFlags,
  { model, tokenizer }: SavedAnswering,
  output: Output,
): AnswerOptions {
  const { start, end, tokenizer: targets } = tokenizer.target;
  const suppress = list === undefined ? [] : tokenIds("--suppress", list, targets);
  const constraint = file === undefined ? undefined : readWords(file, targets, output);
  const options = { ...flags, suppress, constraint };
  if (flags.coveragePenalty > 0) expectAttention("--coverage-penalty", model.config);
  searchSettings(model.config.targetVocabSize, { ...options, start, end, maxLength: flags.maxLength ?? 1_000_000 });
  return options;
}

/** @throws OptionError for a model without attention */
export function expectAttention(flag: string, { decoder }: SavedAnswering["model"]["config"]): void {
  if (decoder !== "attention")
    throw new OptionError(
      `${flag}: expected a model with attention, got a ${decoder} one.`,
      "train one with --preset attention, or leave the option out",
    );
}

/** The ids of comma-separated tokens; the second of two commas in a row is a token. */
export function tokenIds(flag: string, list: string, tokenizer: Pick<Tokenizer, "idOf">): number[] {
  if (list === "") throw new OptionError(`${flag}: expected comma-separated tokens, got none.`);
  return list.split(",").map((token) => naming(flag, () => tokenizer.idOf(token === "" ? "," : token)));
}

/** Prefixes data errors with the file or the flag that caused them. */
export function naming<T>(where: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(`${where}: ${error.message.replace(/^AllowedWords: /, "")}`, error.hint);
  }
}

function readWords(file: string, tokenizer: Tokenizer, output: Output): AllowedWords {
  const listed = new TextDecoder().decode(readBytes(file, "a file of words")).split("\n");
  const words = naming(file, () => new AllowedWords(listed, tokenizer));
  const { missing } = words;
  if (missing.length > 0) output.message(`${file}: words outside the model's vocabulary: ${shorten(missing)}`);
  return words;
}

function shorten(words: readonly string[]): string {
  return words.length > 5 ? `${words.slice(0, 5).join(", ")} and ${grouped(words.length - 5)} more` : words.join(", ");
}

/** The text with blanks in place of line breaks. */
export function oneLine(text: string): string {
  return text.replace(/\r\n|[\n\r]/g, " ");
}

/** Answers texts or files, batch by batch. */
export class Answerer {
  options: AnswerOptions;
  readonly #read: InputReader;
  readonly #backend: Backend;
  readonly #saved: SavedAnswering;
  readonly #output: Output;
  #count = 0;
  readonly #warned = new Set<string>();

  /** @param choice the image network, for captioners that use one */
  constructor(
    backend: Backend,
    saved: SavedAnswering,
    options: AnswerOptions,
    output: Output,
    ports: PicturePorts = nodePorts(),
    choice: NetworkChoice = {},
  ) {
    this.#read = openInputReader(saved, ports, choice);
    this.#backend = backend;
    this.#saved = saved;
    this.options = options;
    this.#output = output;
  }

  /** @throws DataError for an input that the model cannot read, before any is answered */
  async answer(inputs: readonly string[]): Promise<Prediction[]> {
    const { model, tokenizer } = this.#saved;
    const sources = await this.#read(inputs);
    const options = { ...this.options, first: this.#count };
    const predictions = predictSources(this.#backend, model, tokenizer, { inputs, sources }, options);
    this.#count += inputs.length;
    const long = predictions.findIndex(({ isLong }) => isLong);
    if (long >= 0) {
      const tokens = grouped(sources.length(long));
      const longest = grouped(tokenizer.source.longest);
      this.#warn(
        "isLong",
        `an input of ${tokens} time steps is longer than any in training (${longest}): the answer may be poor`,
      );
    }
    const { shortest = 1 }: SourceCodec = tokenizer.source;
    const short = predictions.findIndex(({ isShort }) => isShort);
    if (short >= 0) {
      const steps = sources.length(short);
      this.#warn(
        "isShort",
        `an input of ${steps} time ${steps === 1 ? "step" : "steps"} is shorter than any in training (${shortest}): the answer may be poor`,
      );
    }
    if (predictions.some(({ isCut }) => isCut))
      this.#warn(
        "isCut",
        "an answer is cut off, because the options allow no further token: the output and its score are incomplete",
      );
    return predictions;
  }

  /** Prints each kind of warning once. */
  #warn(kind: "isLong" | "isShort" | "isCut", words: string): void {
    if (!this.#warned.has(kind)) this.#output.message(words);
    this.#warned.add(kind);
  }

  /** True if a text may have several lines. */
  get hasLines(): boolean {
    const { hasLines = false }: SourceCodec = this.#saved.tokenizer.source;
    return hasLines;
  }

  /** True if the model can read the text: without `<unk>`, a text may have characters that it has never seen. */
  async canRead(input: string): Promise<boolean> {
    try {
      await this.#read([input]);
      return true;
    } catch (error) {
      if (error instanceof DataError) return false;
      throw error;
    }
  }
}
