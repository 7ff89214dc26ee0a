import type { Command } from "commander";
import * as z from "zod/mini";
import { describeOption, keysOf } from "../../engine/check-options.js";
import { OptionError } from "../../engine/errors.js";
import { Seq2Seq } from "../../models/seq2seq.js";
import { bookModels } from "../../node/book-models.js";
import { saveModel } from "../../node/model-files.js";
import { grouped } from "../output.js";
import { expectPlaces } from "../places.js";
import { define } from "../session.js";

const Options = z.object({
  as: z._default(
    z.enum(keysOf(bookModels)).check(describeOption("model", "Name the model that the file holds")),
    "rnnlm",
  ),
  vocab: z.optional(
    z
      .string()
      .check(
        describeOption(
          "data",
          "Build the vocabulary from the training data: a text's words, or the characters of lines question_answer",
        ),
      ),
  ),
  reverse: z.optional(
    z.boolean().check(describeOption("model", "Read sources backwards, as the model was trained", "on for attention")),
  ),
  out: z.optional(
    z.string().check(z.minLength(1), describeOption("output", "Write the model to this file", "<as>.safetensors")),
  ),
  force: z._default(z.boolean().check(describeOption("output", "Replace an existing file")), false),
  dataDir: z.optional(z.string().check(describeOption("data", "Search this folder for the training data"))),
});

/** `seqloom import <file>` */
export function importCommand(program: Command): void {
  const command = program
    .command("import")
    .argument("<file>", "the pickle of the book's Rnnlm, BetterRnnlm, Seq2seq, PeekySeq2seq or AttentionSeq2seq")
    .description("Convert the weights of another program to a model");
  define(command, Options, async ({ options, output, open }, path = "") => {
    const { as, vocab, out = `${as}.safetensors` } = options;
    if (!vocab)
      throw new OptionError(
        "--vocab: expected the data the model was trained on, got none.",
        "for the book's models: ptb/ptb.train.txt, addition.txt or date.txt",
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
          ? "the model reads reversed sources; import it with --no-reverse if it was trained without"
          : "the model does not reverse sources; import it with --reverse if it was trained on reversed ones",
      );
  });
}
