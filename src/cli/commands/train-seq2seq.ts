import type { Command } from "commander";
import * as z from "zod/mini";
import { nodePorts } from "../../node/data-files.js";
import { seq2seqRun } from "../../run/pair-run.js";
import { openTask } from "../../tasks/open-task.js";
import { generatorNames } from "../../tasks/pairs/datasets.js";
import { cutsTexts, PairOptions, pairSettings } from "../../tasks/pairs/pair-options.js";
import { TaskOptions } from "../../tasks/task.js";
import { Division } from "../division.js";
import { describePairs } from "../draw.js";
import { quoteArgument } from "../options.js";
import { duration, HeldNotices, percent } from "../output.js";
import { TrainPlaces, taskInputs, trainPlaces } from "../places.js";
import { define } from "../session.js";
import { trainRun } from "../train-run.js";

const Options = z.extend(z.extend(PairOptions, TaskOptions.shape), TrainPlaces.shape);

/** `seqloom train seq2seq <data>` */
export function trainSeq2SeqCommand(train: Command): void {
  const seq2seq = train
    .command("seq2seq")
    .argument(
      "[data]",
      `${generatorNames.join(", ")}, or a file of pairs: .tsv, .csv, .jsonl, lines question_answer; or --source-file and --target-file`,
    )
    .description("Train an encoder–decoder on pairs of source and target");
  define(seq2seq, Options, async (session, name) => {
    const { options, output } = session;
    session.expectTraining();
    const notices = new HeldNotices(output);
    const ports = nodePorts({ ...options, onNotice: notices.onNotice });
    const task = await openTask(name, { ...options, asText: cutsTexts(options) }, ports);
    const { suggestion } = task;
    const settings = pairSettings(options, suggestion);
    const data = await task.load(settings);
    const out = options.out ?? `${data.name}-${settings.preset}.safetensors`;
    const places = trainPlaces(out, taskInputs(name, options), options);
    notices.show();
    if (suggestion && !options.preset) output.message(`${suggestion.describe(settings)}; --preset names another`);

    const run = seq2seqRun(await session.open(), data, settings, z.parse(Division, options));
    await trainRun(session, run, {
      words: ["train", "seq2seq", ...(name === undefined ? [] : [name])],
      ...{ schema: Options, places, epochs: settings.epochs, describe: describePairs },
      title: `${data.name} · ${settings.preset}${settings.reverse ? ", reversed" : ""}`,
      async report(command) {
        const { reportPairs } = await import("../reports.js");
        const asked = { ...settings, ...z.parse(TaskOptions, options) };
        return reportPairs([{ name: settings.preset, run }], data, asked, command);
      },
    });
    output.message(`${percent(run.test?.exactMatch ?? 0)} right after ${duration(run.history.seconds)}`);
    const [sample] = run.test?.samples ?? [];
    const { question, command: before } = task.example ?? { question: sample?.question ?? "" };
    const ask = ["seqloom", "predict", out, question].map(quoteArgument).join(" ");
    output.message(`model   ${out}\nreport  ${places.page}\nask it  ${before ? `${before} && ` : ""}${ask}`);
  });
}
