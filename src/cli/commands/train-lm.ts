import type { Command } from "commander";
import * as z from "zod/mini";
import { describeOption } from "../../engine/check-options.js";
import { nodePorts } from "../../node/data-files.js";
import { type TextResult, TextRun } from "../../run/text-run.js";
import { TextOptions, textSettings } from "../../tasks/texts/text-options.js";
import { loadText } from "../../tasks/texts/texts.js";
import { duration, grouped, type Output } from "../output.js";
import { TrainPlaces, trainPlaces } from "../places.js";
import { define } from "../session.js";
import { trainRun } from "../train-run.js";

const Options = z.extend(z.extend(TextOptions, TrainPlaces.shape), {
  saveEvery: z._default(
    z.int().check(z.minimum(1), describeOption("output", "Save a checkpoint at this interval, in steps")),
    500,
  ),
  dataDir: z.optional(z.string().check(describeOption("data", "Search this folder for data files"))),
});

/** `seqloom train lm <data>` */
export function trainLanguageModelCommand(train: Command): void {
  const lm = train
    .command("lm")
    .argument("<data>", "ptb, or any UTF-8 text file")
    .description("Train a language model on a text");
  define(lm, Options, async (session, name = "") => {
    const { options, output } = session;
    session.expectTraining();
    const kind =
      options.tokenizer ??
      (options.preset === "characters" || (!options.preset && name !== "ptb") ? "characters" : "words");
    const settings = textSettings({ ...options, tokenizer: kind });
    const data = await loadText(name, settings, nodePorts(options));
    const out = options.out ?? `${data.name}-${settings.preset}.safetensors`;
    const places = trainPlaces(out, { names: [name], dataDir: options.dataDir }, options);
    const { train: text, tokenizer } = data;
    output.message(
      `${data.name}: ${grouped(text.length)} ${kind} in the training set, a vocabulary of ${grouped(tokenizer.size)}`,
    );

    const run = new TextRun(await session.open(), data, settings);
    await trainRun(session, run, {
      words: ["train", "lm", name],
      ...{ schema: Options, places, epochs: settings.epochs, describe: describeText },
      title: `${data.name} · ${settings.preset}`,
      ends: () => showTests(run, output),
      async report(command) {
        const { reportText } = await import("../reports.js");
        return reportText(run, data, settings, command);
      },
    });
    output.message(
      `${duration(run.history.seconds)}\nmodel   ${out}\nreport  ${places.page}\nuse it  seqloom generate ${out}`,
    );
  });
}

/** Describes an evaluation of a language model. */
function describeText({ perplexity, loss, bitsPerToken, sample }: TextResult): { line: string; below: string } {
  const line = `validation perplexity ${perplexity.toFixed(2)} (${loss.toFixed(4)} nats, ${bitsPerToken.toFixed(3)} bits per token)`;
  return { line, below: sample.replace(/^/gm, "  ") };
}

function showTests({ tests }: TextRun, output: Output): void {
  for (const test of tests) {
    const words = `test perplexity ${test.perplexity.toFixed(2)} by the ${test.protocol} protocol (${grouped(test.count)} tokens)`;
    output.result({ kind: "evaluation", set: "test", ...test }, words);
  }
}
