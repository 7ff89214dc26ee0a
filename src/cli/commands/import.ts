import type { Command } from "commander";
import * as z from "zod/mini";
import { DataError, OptionError } from "../../errors.js";
import { importBook } from "../../files/book.js";
import { loadArrays, writeModel } from "../../files/model-file.js";
import { readPickle } from "../../files/pickle.js";
import { LanguageModel } from "../../models/language-model.js";
import { findFile } from "../../node/datasets.js";
import { readBytes, writeWhole } from "../../node/files.js";
import { textHint, wordsOf } from "../../node/texts.js";
import { textPresets } from "../../train/text-options.js";
import { grouped } from "../output.js";
import { expectPlaces } from "../places.js";
import { define } from "../session.js";

const Options = z.object({
  as: z._default(z.enum(["rnnlm", "better-rnnlm"]).check(z.describe("what the file holds")), "rnnlm"),
  vocabulary: z.optional(
    z.string().check(z.describe("the text whose words, in order of first appearance, are the vocabulary")),
  ),
  out: z.optional(z.string().check(z.minLength(1), z.describe("where the model goes (default: <as>.safetensors)"))),
  force: z._default(z.boolean().check(z.describe("replace an existing file")), false),
  dataDir: z.optional(z.string().check(z.describe("folder in which the text is looked for"))),
});

/** `seqloom import <file>` */
export function importCommand(program: Command): void {
  const command = program
    .command("import")
    .argument("<file>", "the book's Rnnlm.pkl or BetterRnnlm.pkl")
    .description("make a model of the weights of another program");
  define(command, Options, async ({ options, output, open }, path = "") => {
    if (!options.vocabulary)
      throw new OptionError(
        "--vocabulary: expected the text the model was trained on, got none.",
        "for the book's: ptb/ptb.train.txt",
      );
    const out = options.out ?? `${options.as}.safetensors`;
    expectPlaces([out], options.force);
    const { config, tensors } = importBook(path, readPickle(readBytes(path, "a pickle of weights"), path));
    const tokenizer = wordsOf(findFile(options.vocabulary, options.dataDir, textHint), Number.MAX_SAFE_INTEGER);
    if (tokenizer.size !== config.vocabulary)
      throw new DataError(
        `${options.vocabulary}: expected ${config.vocabulary} different words, got ${tokenizer.size}.`,
      );
    const layers = textPresets[options.as].layers;
    if (config.layers !== layers)
      throw new DataError(
        `${path}: expected the ${layers} layers of ${options.as}, got ${config.layers}.`,
        "name what it is with --as",
      );
    const model = new LanguageModel(await open(), config);
    loadArrays({ name: path, tensors }, model.params);
    writeWhole(out, writeModel({ model, tokenizer }));
    const parameters = model.params.reduce((sum, { value }) => sum + value.size, 0);
    output.result({ kind: "saved", path: out, why: "end" }, out);
    output.message(`${options.as}: ${grouped(parameters)} parameters`);
  });
}
