import type { Command } from "commander";
import * as z from "zod/mini";
import { writeWhole } from "../../node/files.js";
import { describeText, TextRun } from "../../run/text-run.js";
import { TextOptions, textSettings } from "../../tasks/texts/text-options.js";
import { loadText } from "../../tasks/texts/texts.js";
import { RunView } from "../draw.js";
import { InterruptedError, untilInterrupted } from "../interrupt.js";
import { formatCommand } from "../options.js";
import { duration, grouped, type Output } from "../output.js";
import { TrainPlaces, trainPlaces } from "../places.js";
import { define } from "../session.js";
import { reportText } from "../text-report.js";

const Options = z.extend(z.extend(TextOptions, TrainPlaces.shape), {
  saveEvery: z._default(z.int().check(z.minimum(1), z.describe("steps between two checkpoints")), 500),
  dataDir: z.optional(z.string().check(z.describe("folder in which data files are looked for"))),
});

/** `seqloom train lm <data>` */
export function trainLanguageModelCommand(train: Command): void {
  const lm = train
    .command("lm")
    .argument("<data>", "ptb, or any UTF-8 text file")
    .description("train a language model on a text, to write more of its kind");
  define(lm, Options, async ({ options, common, output, open, expectTraining }, name = "") => {
    expectTraining();
    const kind =
      options.tokenizer ??
      (options.preset === "characters" || (!options.preset && name !== "ptb") ? "characters" : "words");
    const settings = textSettings({ ...options, tokenizer: kind });
    const data = await loadText(name, { ...settings, dataDir: options.dataDir });
    const out = options.out ?? `${data.name}-${settings.preset}.safetensors`;
    const { checkpoint, page } = trainPlaces(out, { names: [name], dataDir: options.dataDir }, options);
    const { train: text, tokenizer } = data;
    output.message(
      `${data.name}: ${grouped(text.length)} ${kind} to learn from, ${grouped(tokenizer.size)} different ones`,
    );

    const run = new TextRun(await open(), data, settings);
    if (options.resume) run.resume(checkpoint, out);
    const command = formatCommand(["train", "lm", name], Options, { ...options, force: false, resume: false }, common);
    const view = new RunView(output, `${data.name} · ${settings.preset}`, settings.epochs, describeText);
    await untilInterrupted(async (signal) => {
      const targets = { signal, checkpoint, out, saveEvery: options.saveEvery };
      for await (const report of run.train(targets)) {
        if (report.kind === "done") showTests(run, output);
        view.show(report);
      }
      view.clear();
      if (signal.aborted) throw new InterruptedError(`saved ${checkpoint}; go on with: ${command} --resume`);
    });
    writeWhole(page, reportText(run, data, settings, command));
    output.message(
      `${duration(run.history.seconds)}\nmodel   ${out}\nreport  ${page}\nuse it  seqloom generate ${out}`,
    );
  });
}

function showTests({ tests }: TextRun, output: Output): void {
  for (const test of tests) {
    const words = `test perplexity ${test.perplexity.toFixed(2)} by the ${test.protocol} protocol (${grouped(test.count)} tokens)`;
    output.result({ kind: "evaluation", set: "test", ...test }, words);
  }
}
