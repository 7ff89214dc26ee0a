import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import * as z from "zod/mini";
import { generateIds } from "../../decode/generate.js";
import { Sampler, SamplerOptions } from "../../decode/sampler.js";
import { describeOption } from "../../engine/check-options.js";
import { DataError, OptionError, SeqloomError } from "../../engine/errors.js";
import { Random } from "../../engine/random.js";
import { loadLanguageModel } from "../../node/model-files.js";
import type { SavedLanguageModel } from "../../tasks/model-kinds.js";
import { Seed } from "../../tasks/training-options.js";
import { tokenIds } from "../answering.js";
import { parseOptions } from "../options.js";
import { paint } from "../output.js";
import { define, type Session } from "../session.js";

const Options = z.extend(SamplerOptions, {
  prompt: z.optional(z.string().check(describeOption("decoding", "Continue this text", "a new line"))),
  maxTokens: z._default(
    z
      .int()
      .check(
        z.minimum(1),
        z.maximum(1_000_000),
        describeOption("decoding", "Generate at most this many tokens, the prompt not counted"),
      ),
    100,
  ),
  stop: z.optional(z.string().check(describeOption("decoding", "Stop after this token", "off"))),
  maxSentences: z.optional(
    z.int().check(z.minimum(1), describeOption("decoding", "Stop after this many <eos> tokens or line breaks", "off")),
  ),
  suppress: z.optional(
    z.string().check(describeOption("decoding", 'Never produce these tokens, separated by commas: "N,<unk>,$"')),
  ),
  numSamples: z._default(
    z.int().check(z.minimum(1), z.maximum(100_000), describeOption("output", "Generate this many texts")),
    1,
  ),
  seed: z._default(Seed.check(describeOption("decoding", "Seed the sampling")), 1),
  interactive: z._default(
    z.boolean().check(describeOption("output", "Write together: type a beginning, keep or retry each continuation")),
    false,
  ),
});
type Options = z.infer<typeof Options>;
const Temperature = z.pick(SamplerOptions, { temperature: true });

/** `seqloom generate <model>` */
export function generateCommand(program: Command): void {
  const command = program
    .command("generate")
    .argument("<model>", "a language model")
    .description("Generate text with a language model");
  define(command, Options, async (session, path = "") => {
    const { stop, maxSentences } = session.options;
    if (stop !== undefined && maxSentences !== undefined)
      throw new OptionError("--stop: expected only one of --stop and --max-sentences, got both.");
    const backend = await session.open();
    const writer = new Writer(loadLanguageModel(path, backend), session.options);
    if (session.options.interactive) return converse(writer, session);
    const { numSamples, seed, prompt } = session.options;
    for (let sample = 0; sample < numSamples; sample++) {
      const { text, tokens } = writer.write(prompt, seed + sample);
      session.output.result({ kind: "text", text, tokens, seed: seed + sample }, numSamples > 1 ? `${text}\n` : text);
    }
  });
}

/** Generates texts with a model and its options. */
class Writer {
  readonly #saved: SavedLanguageModel;
  #options: Options;

  /** @throws DataError if an option names a token outside the vocabulary */
  constructor(saved: SavedLanguageModel, options: Options) {
    this.#saved = saved;
    this.#options = options;
    this.#sampler();
  }

  set temperature(temperature: number) {
    this.#options = { ...this.#options, temperature };
    this.#sampler();
  }

  /** The token ids of a text. @throws DataError for a token outside the vocabulary */
  encode(text: string): number[] {
    return this.#saved.tokenizer.encodeKnown(text);
  }

  decode(ids: readonly number[]): string {
    return this.#saved.tokenizer.decode(ids);
  }

  /** Generates up to `maxTokens` new tokens after a prompt, which may be empty. */
  continue(begin: readonly number[], seed: number): number[] {
    const { model, tokenizer } = this.#saved;
    const { maxTokens, stop, maxSentences } = this.#options;
    const prompt = begin.length > 0 ? begin : [this.#id("--prompt", tokenizer.lineBreak)];
    const [option, end] = stop === undefined ? ["--max-sentences", tokenizer.lineBreak] : ["--stop", stop];
    const ends = stop || maxSentences ? { stop: this.#id(option, end), stopCount: maxSentences ?? 1 } : {};
    return [...generateIds(model, { prompt, maxTokens, ...ends, sampler: this.#sampler(), random: new Random(seed) })];
  }

  write(prompt: string | undefined, seed: number): { text: string; tokens: string[] } {
    const begin = prompt === undefined ? [] : this.encode(prompt);
    if (prompt !== undefined && begin.length === 0)
      throw new OptionError(`--prompt: expected at least one token, got "${prompt}".`);
    const ids = [...begin, ...this.continue(begin, seed)];
    return { text: this.decode(ids), tokens: ids.map((id) => this.#saved.tokenizer.token(id)) };
  }

  /** The id of the token that an option names or implies. */
  #id(option: string, token: string): number {
    try {
      return this.#saved.tokenizer.idOf(token);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      const hint =
        token === this.#saved.tokenizer.lineBreak
          ? "the model's vocabulary has no line break: name another token"
          : error.hint;
      throw new DataError(
        `${option}: ${JSON.stringify(token)}: expected a token of the model's vocabulary, got an unknown one.`,
        hint,
      );
    }
  }

  #sampler(): Sampler {
    const { tokenizer } = this.#saved;
    const { greedy, temperature, topK, topP, suppress } = this.#options;
    const suppressed = suppress === undefined ? [] : tokenIds("--suppress", suppress, tokenizer);
    if (new Set(suppressed).size >= tokenizer.size)
      throw new OptionError("--suppress: expected at least one token not to be suppressed, got none.");
    return new Sampler({ greedy, temperature, ...(topK && { topK }), ...(topP && { topP }) }, suppressed);
  }
}

/** The interactive mode: each turn keeps or retries a continuation of up to `maxTokens` tokens, or sets the temperature. */
async function converse(writer: Writer, { options, output }: Session<Options>): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: process.stdin.isTTY });
  output.message(
    "type a beginning; then: Enter keeps it and continues, r tries again, t 0.8 sets the temperature, q ends",
  );
  let kept = options.prompt === undefined ? [] : writer.encode(options.prompt);
  let proposal: number[] = [];
  let seed = options.seed;
  lines.setPrompt("> ");
  lines.prompt();
  for await (const line of lines) {
    if (line.trim() === "q") break;
    try {
      const [, temperature] = /^t (\S+)$/.exec(line.trim()) ?? [];
      if (temperature !== undefined) writer.temperature = parseOptions(Temperature, { temperature }).temperature;
      else if (line.trim() !== "r") kept = [...kept, ...proposal, ...writer.encode(line)];
      proposal = writer.continue(kept, seed++);
      const [before, text] = [writer.decode(kept), writer.decode([...kept, ...proposal])];
      output.result({ kind: "text", text }, `${paint("dim", before)}${text.slice(before.length)}`);
    } catch (error) {
      if (!(error instanceof SeqloomError)) throw error;
      output.message(`${error.message}${error.hint ? ` (${error.hint})` : ""}`);
    }
    lines.prompt();
  }
  lines.close();
}
