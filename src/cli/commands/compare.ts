import { existsSync } from "node:fs";
import type { Command } from "commander";
import * as z from "zod/mini";
import { nearest, OptionError } from "../../errors.js";
import { DataOptions, loadPairs } from "../../node/datasets.js";
import { writeWhole } from "../../node/files.js";
import { PairOptions } from "../../train/pair-options.js";
import { RunView } from "../draw.js";
import { InterruptedError, untilInterrupted } from "../interrupt.js";
import { formatOptions } from "../options.js";
import { percent } from "../output.js";
import { reportPairs } from "../pair-report.js";
import { define } from "../session.js";
import { PairRun } from "../training.js";

/** The models of the book's comparison, each with what makes it different. */
const variants = {
  plain: { model: "plain", reverse: false },
  reverse: { model: "plain", reverse: true },
  peeky: { model: "peeky", reverse: true },
} as const satisfies Record<string, Partial<PairOptions>>;
type Variant = keyof typeof variants;

const Target = z.object({
  models: z._default(
    z.string().check(z.describe(`which of ${Object.keys(variants).join(", ")}`)),
    Object.keys(variants).join(","),
  ),
  out: z.optional(
    z.string().check(z.describe("where the report goes (default: <data>-compare.html); models go beside it")),
  ),
  force: z._default(z.boolean().check(z.describe("replace existing files")), false),
});
const Budget = z.omit(PairOptions, { model: true, reverse: true });
const Options = z.extend(z.extend(Budget, DataOptions.shape), Target.shape);

/** `seqloom compare <data>` */
export function compareCommand(program: Command): void {
  const command = program
    .command("compare")
    .argument("<data>", "addition, or a file of lines question_answer")
    .description("train variants under one budget and draw them in one chart");
  define(command, Options, async ({ options, output, open }, name = "") => {
    const names = chooseVariants(options.models);
    const data = loadPairs(name, options, options.seed);
    const page = options.out ?? `${data.name}-compare.html`;
    const modelPath = (variant: Variant): string => page.replace(/(\.html)?$/, `-${variant}.safetensors`);
    for (const path of [page, ...names.map(modelPath)])
      if (existsSync(path) && !options.force)
        throw new OptionError(
          `${path}: expected a new file, got one that exists.`,
          "replace it with --force, or choose --out",
        );

    const line = `seqloom compare ${name} ${formatOptions(Options, options)}`.trim();
    const runs: { name: Variant; run: PairRun }[] = [];
    await untilInterrupted(async (signal) => {
      for (const variant of names) {
        const run = new PairRun(await open(), data, { ...z.parse(Budget, options), ...variants[variant] });
        const view = new RunView(output, `${data.name} · ${variant}`, options.epochs);
        for await (const report of run.train(signal)) view.show(report);
        view.clear();
        if (signal.aborted)
          throw new InterruptedError("models finished before stay; compare starts again from the first");
        if (!run.evaluation) run.evaluate();
        view.show(run.finish(modelPath(variant)));
        runs.push({ name: variant, run });
        writeWhole(page, reportPairs(runs, data, options, line));
      }
    });
    output.result({ kind: "saved", path: page, why: "report" }, undefined);
    for (const { name: variant, run } of runs)
      output.message(`${variant.padEnd(8)} ${percent(run.evaluation?.exactMatch ?? 0)}`);
    output.message(`report  ${page}`);
  });
}

function chooseVariants(list: string): Variant[] {
  const isVariant = (name: string): name is Variant => name in variants;
  return list.split(",").map((given) => {
    const name = given.trim();
    if (isVariant(name)) return name;
    const near = nearest(name, Object.keys(variants));
    throw new OptionError(
      `--models: expected some of ${Object.keys(variants).join(", ")}, got "${name}".`,
      near && `did you mean ${near}?`,
    );
  });
}
