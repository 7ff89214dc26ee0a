import { type Chart, type ChartLine, type Fact, type Report, renderReport } from "seqloom";
import script from "uplot/dist/uPlot.iife.min.js?raw";
import style from "uplot/dist/uPlot.min.css?raw";
import license from "uplot/LICENSE?raw";
import type { Evaluation, RunRecord } from "../messages.js";
import { clock, fixed, percent, significant, whole } from "../parts/numbers.js";
import type { Configuration } from "./link.js";

/** The report of a run as one HTML page. This module contains uPlot a second time, as text, so it is loaded on demand. */
export function reportRun(run: RunRecord, configuration: Configuration): string {
  const { name, kind, losses, evaluations, samples, text, task } = run;
  const report: Report = {
    title: name,
    summary: [
      ...scoresOf(run),
      { label: "parameters", value: whole(run.parameters) },
      ...(run.seconds > 0 ? [{ label: "training time", value: clock(run.seconds) }] : []),
    ],
    charts: [
      kind === "pairs"
        ? {
            title: "Exact match",
            ...{ x: "epoch", y: "exact match", unit: "percent" },
            lines: [by("held-out", evaluations, "epoch", ({ exactMatch }) => exactMatch)],
          }
        : {
            title: "Perplexity",
            ...{ x: "epoch", y: "perplexity" },
            lines: [by("held-out", evaluations, "epoch", ({ perplexity }) => perplexity)],
          },
      {
        title: "Loss",
        ...{ x: "step", y: "loss (nats per token)" },
        lines: [{ name: "training", ...losses }, by("held-out", evaluations, "step", ({ loss }) => loss)],
      },
    ] satisfies Chart[],
    answers: samples.length > 0 ? [{ title: "First test questions", rows: samples }] : [],
    texts: text === "" ? [] : [{ title: "Sample", text }],
    settings: [
      { label: "data", value: task.name },
      ...Object.entries(configuration.options).map(([label, value]) => ({ label, value: String(value) })),
      { label: "backend", value: "WebAssembly in a browser, seqloom studio" },
    ],
    command: commandOf(run, configuration),
  };
  return renderReport(report, { style, script, license });
}

function scoresOf({ evaluations }: RunRecord): Fact[] {
  const last = evaluations.at(-1);
  if (!last) return [];
  return last.exactMatch === undefined
    ? [{ label: "perplexity", value: significant(last.perplexity) }]
    : [
        { label: "exact match", value: percent(last.exactMatch) },
        { label: "loss", value: fixed(last.loss) },
      ];
}

function by(
  name: string,
  evaluations: readonly Evaluation[],
  x: "epoch" | "step",
  y: (evaluation: Evaluation) => number | undefined,
): ChartLine {
  return { name, xs: evaluations.map((each) => each[x]), ys: evaluations.map((each) => y(each) ?? Number.NaN) };
}

/** The command line that repeats the training; it expects the person's own file in the current folder. */
function commandOf({ kind, task }: RunRecord, { digits, count, options }: Configuration): string {
  const command = kind === "pairs" ? "seq2seq" : "lm";
  const flags = Object.entries({ digits, count, ...options }).flatMap(([name, value]) => flagsOf(name, value));
  return ["npx seqloom train", command, quote(task.name), ...flags].join(" ");
}

function flagsOf(name: string, value: unknown): string[] {
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (value === undefined) return [];
  if (typeof value === "boolean") return [value ? `--${flag}` : `--no-${flag}`];
  return [`--${flag}`, quote(String(value))];
}

/** Quotes an argument for a shell. */
function quote(word: string): string {
  return /^[\w./:=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
