import type { Command } from "commander";
import * as z from "zod/mini";
import { DataOptions, loadPairs } from "../../node/datasets.js";
import { writeWhole } from "../../node/files.js";
import { PairOptions } from "../../train/pair-options.js";
import { RunView } from "../draw.js";
import { InterruptedError, untilInterrupted } from "../interrupt.js";
import { formatCommand, quoteArgument } from "../options.js";
import { duration, percent } from "../output.js";
import { reportPairs } from "../pair-report.js";
import { TrainPlaces, trainPlaces } from "../places.js";
import { define } from "../session.js";
import { describePairs, PairRun } from "../training.js";

const Options = z.extend(z.extend(PairOptions, DataOptions.shape), TrainPlaces.shape);

/** `seqloom train seq2seq <data>` */
export function trainSeq2SeqCommand(train: Command): void {
  const seq2seq = train
    .command("seq2seq")
    .argument("<data>", "addition, or a file of lines question_answer")
    .description("train an encoder–decoder on pairs: a question in, its answer out");
  define(seq2seq, Options, async ({ options, common, output, open, expectTraining }, name = "") => {
    expectTraining();
    const pairOptions = z.parse(PairOptions, options);
    const data = loadPairs(name, options, options.seed);
    const out = options.out ?? `${data.name}-${options.model}.safetensors`;
    const { checkpoint, page } = trainPlaces(out, name, options);

    const run = new PairRun(await open(), data, pairOptions);
    if (options.resume) run.resume(checkpoint);
    const command = formatCommand(
      ["train", "seq2seq", name],
      Options,
      { ...options, force: false, resume: false },
      common,
    );
    const view = new RunView(
      output,
      `${data.name} · ${options.model}${options.reverse ? ", reversed" : ""}`,
      options.epochs,
      describePairs,
    );
    await untilInterrupted(async (signal) => {
      for await (const report of run.train({ signal, checkpoint, out })) view.show(report);
      view.clear();
      if (signal.aborted) throw new InterruptedError(`saved ${checkpoint}; go on with: ${command} --resume`);
    });
    const settings = { ...pairOptions, ...z.parse(DataOptions, options) };
    writeWhole(page, reportPairs([{ name: options.model, run }], data, settings, command));
    output.message(`${percent(run.evaluation?.exactMatch ?? 0)} right after ${duration(run.history.seconds)}`);
    const question = data.tokenizer.decodeSource(data.test.sources.row(0));
    const ask = ["seqloom", "predict", out, question].map(quoteArgument).join(" ");
    output.message(`model   ${out}\nreport  ${page}\nask it  ${ask}`);
  });
}
