import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import * as z from "zod/mini";
import { generateIds } from "../../decode/generate.js";
import { Sampler, SamplerOptions } from "../../decode/sampler.js";
import { DataError, OptionError, SeqloomError } from "../../engine/errors.js";
import { Random } from "../../engine/random.js";
import { loadLanguageModel } from "../../node/model-files.js";
import type { SavedLanguageModel } from "../../tasks/model-kinds.js";
import { Seed } from "../../tasks/pairs/pair-options.js";
import { tokenIds } from "../answering.js";
import { parseOptions } from "../options.js";
import { paint } from "../output.js";
import { define, type Session } from "../session.js";

const Options = z.extend(SamplerOptions, {
  start: z.optional(z.string().check(z.describe("beginning, of one word or many (default: a new line)"))),
  length: z._default(
    z.int().check(z.minimum(1), z.maximum(1_000_000), z.describe("tokens in all, the beginning among them")),
    100,
  ),
  until: z.optional(z.string().check(z.describe("end after this token"))),
  sentences: z.optional(z.int().check(z.minimum(1), z.describe("end after so many <eos>, or line breaks"))),
  skip: z.optional(z.string().check(z.describe('tokens that are never produced, with commas between: "N,<unk>,$"'))),
  samples: z._default(z.int().check(z.minimum(1), z.maximum(100_000), z.describe("how many texts")), 1),
  seed: z._default(Seed, 1),
  interactive: z._default(
    z.boolean().check(z.describe("write together: type a beginning, keep or retry what comes")),
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
    .description("write on from a beginning");
  define(command, Options, async (session, path = "") => {
    const { until, sentences } = session.options;
    if (until !== undefined && sentences !== undefined)
      throw new OptionError("--until: expected it or --sentences, got both.");
    const backend = await session.open();
    const writer = new Writer(loadLanguageModel(path, backend), session.options);
    if (session.options.interactive) return converse(writer, session);
    const { samples, seed, start } = session.options;
    for (let sample = 0; sample < samples; sample++) {
      const { text, tokens } = writer.write(start, seed + sample);
      session.output.result({ kind: "text", text, tokens, seed: seed + sample }, samples > 1 ? `${text}\n` : text);
    }
  });
}

/** Writes texts as the options say. */
class Writer {
  readonly #saved: SavedLanguageModel;
  #options: Options;

  /** @throws where an option names a token that the model does not know */
  constructor(saved: SavedLanguageModel, options: Options) {
    this.#saved = saved;
    this.#options = options;
    this.#sampler();
  }

  set temperature(temperature: number) {
    this.#options = { ...this.#options, temperature };
    this.#sampler();
  }

  /** The ids of a beginning. @throws DataError for a token that the model does not know */
  encode(text: string): number[] {
    return this.#saved.tokenizer.encodeKnown(text);
  }

  decode(ids: readonly number[]): string {
    return this.#saved.tokenizer.decode(ids);
  }

  /** Up to `length` tokens with those of the beginning, which may be empty. @returns what comes after it */
  goOn(begin: readonly number[], seed: number, length: number): number[] {
    const { model, tokenizer } = this.#saved;
    const { until, sentences } = this.#options;
    const start = begin.length > 0 ? begin : [this.#id("--start", tokenizer.lineBreak)];
    const [option, end] = until === undefined ? ["--sentences", tokenizer.lineBreak] : ["--until", until];
    const stop = until || sentences ? { until: this.#id(option, end), times: sentences ?? 1 } : {};
    return [...generateIds(model, { start, length, ...stop, sampler: this.#sampler(), random: new Random(seed) })];
  }

  write(start: string | undefined, seed: number): { text: string; tokens: string[] } {
    const begin = start === undefined ? [] : this.encode(start);
    if (start !== undefined && begin.length === 0)
      throw new OptionError(`--start: expected at least one token, got "${start}".`);
    const ids = [...begin, ...this.goOn(begin, seed, this.#options.length)];
    return { text: this.decode(ids), tokens: ids.map((id) => this.#saved.tokenizer.token(id)) };
  }

  /** The id of a token that an option names, or stands for. */
  #id(option: string, token: string): number {
    try {
      return this.#saved.tokenizer.idOf(token);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      const hint =
        token === this.#saved.tokenizer.lineBreak ? "the model knows no line break: give another" : error.hint;
      throw new DataError(
        `${option}: ${JSON.stringify(token)}: expected a token that the model knows, got another.`,
        hint,
      );
    }
  }

  #sampler(): Sampler {
    const { tokenizer } = this.#saved;
    const { greedy, temperature, topK, topP, skip } = this.#options;
    const skipped = skip === undefined ? [] : tokenIds("--skip", skip, tokenizer);
    if (new Set(skipped).size >= tokenizer.size)
      throw new OptionError("--skip: expected a token left to produce, got none.");
    return new Sampler({ greedy, temperature, ...(topK && { topK }), ...(topP && { topP }) }, skipped);
  }
}

/** Keep, retry, or change the temperature: a text grows turn by turn, by up to `length` tokens each. */
async function converse(writer: Writer, { options, output }: Session<Options>): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: process.stdin.isTTY });
  output.message(
    "type a beginning; then: Enter keeps it and goes on, r tries again, t 0.8 sets the temperature, q ends",
  );
  let kept = options.start === undefined ? [] : writer.encode(options.start);
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
      proposal = writer.goOn(kept, seed++, Math.max(1, kept.length) + options.length);
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
