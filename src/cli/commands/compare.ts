import type { Command } from "commander";
import * as z from "zod/mini";
import { describeOption } from "../../engine/check-options.js";
import { nearest, OptionError } from "../../engine/errors.js";
import { nodePorts } from "../../node/data-files.js";
import { folderStorage, writeWhole } from "../../node/files.js";
import { type PairRun, seq2seqRun } from "../../run/pair-run.js";
import { openTask } from "../../tasks/open-task.js";
import { generatorNames } from "../../tasks/pairs/datasets.js";
import {
  comparedModels,
  cutsTexts,
  PairOptions,
  type PairSettings,
  pairSettings,
} from "../../tasks/pairs/pair-options.js";
import { TaskOptions } from "../../tasks/task.js";
import { Division } from "../division.js";
import { describePairs } from "../draw.js";
import { formatCommand } from "../options.js";
import { HeldNotices, percent } from "../output.js";
import { expectPlaces, taskInputs } from "../places.js";
import { define } from "../session.js";
import { drawRun } from "../train-run.js";

type Variant = keyof typeof comparedModels;

const Target = z.object({
  models: z._default(
    z
      .string()
      .check(describeOption("model", `Compare these, separated by commas: ${Object.keys(comparedModels).join(", ")}`)),
    "plain,reverse,peeky",
  ),
  out: z.optional(
    z
      .string()
      .check(
        z.minLength(1),
        describeOption("output", "Write the report to this file, and the models beside it", "<data>-compare.html"),
      ),
  ),
  force: z._default(z.boolean().check(describeOption("output", "Replace existing files")), false),
});
const Budget = z.omit(PairOptions, {
  ...{ decoder: true, reverse: true, bidirectional: true },
  ...{ attentionalHidden: true, inputFeeding: true, tieWeights: true },
});
const Options = z.extend(z.extend(Budget, TaskOptions.shape), Target.shape);

/** `seqloom compare <data>` */
export function compareCommand(program: Command): void {
  const command = program
    .command("compare")
    .argument("[data]", `${generatorNames.join(", ")}, or a file of pairs, as for train seq2seq`)
    .description("Train several models with the same settings and compare them in one report");
  define(command, Options, async ({ options, common, output, open, expectTraining }, name) => {
    expectTraining();
    const names = chooseVariants(options.models);
    const notices = new HeldNotices(output);
    const ports = nodePorts({ ...options, onNotice: notices.onNotice });
    const task = await openTask(name, { ...options, asText: cutsTexts(options) }, ports);
    const budget = pairSettings(options, task.suggestion);
    const data = await task.load(budget);
    const settingsOf = (variant: Variant): PairSettings => ({ ...budget, ...comparedModels[variant] });
    const page = options.out ?? `${data.name}-compare.html`;
    const modelPath = (variant: Variant): string => page.replace(/(\.html)?$/, `-${variant}.safetensors`);
    expectPlaces([page, ...names.map(modelPath)], taskInputs(name, options), options.force);
    notices.show();

    const line = formatCommand(
      ["compare", ...(name === undefined ? [] : [name])],
      Options,
      { ...options, force: false },
      common,
    );
    const settings = { ...budget, ...z.parse(TaskOptions, options) };
    const runs: { name: Variant; run: PairRun }[] = [];
    const { reportPairs } = await import("../reports.js");
    for (const variant of names) {
      const run = seq2seqRun(await open(), data, settingsOf(variant), z.parse(Division, options));
      const files = { storage: folderStorage(), out: modelPath(variant) };
      const look = { title: `${data.name} · ${variant}`, epochs: budget.epochs, describe: describePairs };
      await drawRun(run, { files }, output, look, "finished models are kept; compare cannot resume and starts over");
      runs.push({ name: variant, run });
      writeWhole(page, reportPairs(runs, data, settings, line));
    }
    output.result({ kind: "saved", path: page, why: "report" }, undefined);
    for (const { name: variant, run } of runs)
      output.message(`${variant.padEnd(8)} ${percent(run.test?.exactMatch ?? 0)}`);
    output.message(`report  ${page}`);
  });
}

function chooseVariants(list: string): Variant[] {
  const isVariant = (name: string): name is Variant => Object.hasOwn(comparedModels, name);
  return [...new Set(list.split(",").map((name) => name.trim()))].map((name) => {
    if (isVariant(name)) return name;
    const near = nearest(name, Object.keys(comparedModels));
    throw new OptionError(
      `--models: expected some of ${Object.keys(comparedModels).join(", ")}, got "${name}".`,
      near && `did you mean ${near}?`,
    );
  });
}
