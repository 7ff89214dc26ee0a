import type { Command } from "commander";
import * as z from "zod/mini";
import { keysOf } from "../../engine/check-options.js";
import { OptionError } from "../../engine/errors.js";
import { Seq2Seq } from "../../models/seq2seq.js";
import { bookModels } from "../../node/book-models.js";
import { saveModel } from "../../node/model-files.js";
import { grouped } from "../output.js";
import { expectPlaces } from "../places.js";
import { define } from "../session.js";

const Options = z.object({
  as: z._default(z.enum(keysOf(bookModels)).check(z.describe("what the file holds")), "rnnlm"),
  vocab: z.optional(
    z
      .string()
      .check(
        z.describe(
          "what it was trained on: a text's words, or characters of lines question_answer, in order of first appearance",
        ),
      ),
  ),
  reverse: z.optional(
    z
      .boolean()
      .check(z.describe("it was trained on reversed sources (default: attention yes, others no; --no-reverse)")),
  ),
  out: z.optional(z.string().check(z.minLength(1), z.describe("where the model goes (default: <as>.safetensors)"))),
  force: z._default(z.boolean().check(z.describe("replace an existing file")), false),
  dataDir: z.optional(z.string().check(z.describe("folder in which what it was trained on is looked for"))),
});

/** `seqloom import <file>` */
export function importCommand(program: Command): void {
  const command = program
    .command("import")
    .argument("<file>", "the pickle of the book's Rnnlm, BetterRnnlm, Seq2seq, PeekySeq2seq or AttentionSeq2seq")
    .description("make a model of the weights of another program");
  define(command, Options, async ({ options, output, open }, path = "") => {
    const { as, vocab, out = `${as}.safetensors` } = options;
    if (!vocab)
      throw new OptionError(
        "--vocab: expected the data the model was trained on, got none.",
        "for the book's: ptb/ptb.train.txt, addition.txt or date.txt",
      );
    expectPlaces([out], { names: [path, vocab], dataDir: options.dataDir }, options.force);
    const saved = bookModels[as](path, { ...options, vocab }, await open());
    saveModel(out, saved);
    const { model } = saved;
    const parameters = model.params.reduce((sum, { value }) => sum + value.size, 0);
    output.result({ kind: "saved", path: out, why: "end" }, out);
    output.message(`${as}: ${grouped(parameters)} parameters`);
    if (model instanceof Seq2Seq)
      output.message(
        model.config.reverse
          ? "it reads sources from their end, as if they were reversed; --no-reverse makes it read from their beginning"
          : "it reads sources from their beginning; --reverse makes it read from their end",
      );
  });
}
