import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import * as z from "zod/mini";
import { generateIds } from "../../decode/generate.js";
import { Sampler, SamplerOptions } from "../../decode/sampler.js";
import { OptionError } from "../../errors.js";
import type { SavedLanguageModel } from "../../files/model-file.js";
import { loadLanguageModel } from "../../node/files.js";
import { Random } from "../../random.js";
import { Seed } from "../../train/pair-options.js";
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

/** `seqloom generate <model>` */
export function generateCommand(program: Command): void {
  const command = program
    .command("generate")
    .argument("<model>", "a language model")
    .description("write on from a beginning");
  define(command, Options, async (session, path = "") => {
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

  write(start: string | undefined, seed: number): { text: string; tokens: string[] } {
    const { model, tokenizer } = this.#saved;
    const { length, until, sentences } = this.#options;
    const begin = tokenizer.encodeKnown(start ?? tokenizer.lineBreak);
    if (begin.length === 0) throw new OptionError(`--start: expected at least one token, got "${start}".`);
    const end = until ?? (sentences ? tokenizer.lineBreak : undefined);
    const stop = end === undefined ? {} : { until: tokenizer.idOf(end), times: sentences ?? 1 };
    const ids = [
      ...begin,
      ...generateIds(model, { start: begin, length, ...stop, sampler: this.#sampler(), random: new Random(seed) }),
    ];
    const shown = start === undefined ? ids.slice(begin.length) : ids;
    return { text: tokenizer.decode(shown), tokens: shown.map((id) => tokenizer.token(id)) };
  }

  #sampler(): Sampler {
    const { tokenizer } = this.#saved;
    const { greedy, temperature, topK, topP, skip } = this.#options;
    const skipped =
      skip === undefined ? [] : skip.split(",").map((token) => tokenizer.idOf(token === "" ? "," : token));
    if (new Set(skipped).size >= tokenizer.size)
      throw new OptionError("--skip: expected a token left to produce, got none.");
    return new Sampler({ greedy, temperature, ...(topK && { topK }), ...(topP && { topP }) }, skipped);
  }
}

/** Keep, retry, or change the temperature: a text grows turn by turn. */
async function converse(writer: Writer, { options, output }: Session<Options>): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: process.stdin.isTTY });
  output.message(
    "type a beginning; then: Enter keeps it and goes on, r tries again, t 0.8 sets the temperature, q ends",
  );
  let [text, proposal, seed] = [options.start ?? "", "", options.seed];
  const propose = (): void => {
    proposal = writer.write(text === "" ? undefined : text, seed++).text;
    process.stdout.write(
      `${paint("dim", text)}${proposal.startsWith(text) ? proposal.slice(text.length) : proposal}\n`,
    );
  };
  lines.setPrompt("> ");
  lines.prompt();
  for await (const line of lines) {
    const [word = "", value = ""] = line.trim().split(/\s+/);
    try {
      if (word === "q") break;
      if (word === "t") writer.temperature = Number(value);
      else if (word !== "r" && line !== "") text = text === "" ? line : `${proposal || text} ${line}`;
      else if (line === "") text = proposal || text;
      propose();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      output.message(error.message);
    }
    lines.prompt();
  }
  lines.close();
}
