import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Sources } from "../models/sources.js";
import { type ChartLine, type PlotSource, type Report, renderReport } from "../report/report.js";
import type { PairRun } from "../run/pair-run.js";
import type { TextRun } from "../run/text-run.js";
import type { PairData } from "../tasks/pairs/pairs.js";
import type { TextData } from "../tasks/texts/text.js";
import type { TextSettings } from "../tasks/texts/text-options.js";
import type { PairCodec } from "../text/codec.js";
import { duration, grouped, percent } from "./output.js";
import { gridsOf, scoreFacts } from "./scores.js";
import { version } from "./version.js";

/**
 * The report of one run, or of several side by side.
 * @param pictures URIs of the pictures, by question
 */
export function reportPairs(
  runs: readonly { readonly name: string; readonly run: PairRun }[],
  data: PairData<Sources, PairCodec>,
  settings: Readonly<Record<string, unknown>>,
  command: string,
  pictures: ReadonlyMap<string, string> = new Map(),
): string {
  const share = ({ run }: { run: PairRun }): string => percent(run.test?.judged ?? run.test?.exactMatch ?? Number.NaN);
  const right = data.test.judge ? "judged right" : "exact match";
  const [first] = runs;
  const summary =
    runs.length === 1 && first
      ? [
          { label: right, value: share(first) },
          ...scoreFacts(first.run.test ?? {}, data.tokenizer, ["errorRate", "tokenAccuracy", "bleu", "chrf"]),
          { label: "test questions", value: grouped(data.test.count) },
          { label: "parameters", value: grouped(first.run.parameters) },
          { label: "training time", value: duration(first.run.history.seconds) },
        ]
      : runs.map((each) => ({ label: each.name, value: share(each) }));
  const part = data.valid ? "validation" : "test";
  /** Lines of one score by epoch, without the evaluations that lack it. */
  const by = (figure: string): ChartLine[] =>
    runs.map(({ name, run }) => {
      const evaluations = run.history.evaluations.filter((evaluation) => evaluation[figure] !== undefined);
      const values = (key: string): number[] => evaluations.map((evaluation) => evaluation[key] ?? Number.NaN);
      return { name, xs: values("epoch"), ys: values(figure) };
    });
  const report: Report = {
    title: `${data.name}: ${runs.map(({ name }) => name).join(", ")}`,
    summary,
    charts: [
      {
        title: `${right[0]?.toUpperCase()}${right.slice(1)} on the ${part} set`,
        x: "epoch",
        y: right,
        unit: "percent",
        lines: by(data.test.judge ? "judged" : "exactMatch"),
      },
      {
        title: `Token accuracy (teacher forcing) on the ${part} set`,
        ...{ x: "epoch", y: "token accuracy", unit: "percent" },
        lines: by("tokenAccuracy"),
      },
      { title: `BLEU on the ${part} set`, x: "epoch", y: "BLEU", lines: by("bleu") },
      { title: `Loss on the ${part} set`, x: "epoch", y: "loss (nats per token)", lines: by("loss") },
      {
        title: "Loss in training",
        ...{ x: "step", y: "loss (nats per token)" },
        lines: runs.map(({ name, run }) => {
          const losses = thin(run.history.losses, 600);
          return { name, xs: losses.map(({ step }) => step), ys: losses.map(({ loss }) => loss) };
        }),
      },
    ],
    grids: runs.flatMap(({ name, run }) =>
      gridsOf(run.test?.grid ?? { row: "", column: "", cells: [] }, data.tokenizer).map((grid) => ({
        ...grid,
        title: `Test set: ${grid.title}${runs.length > 1 ? `, ${name}` : ""}`,
      })),
    ),
    answers: runs.map(({ name, run }) => ({
      title: `First test questions: ${name}`,
      rows: (run.test?.samples ?? []).map((row) => ({ ...row, picture: pictures.get(row.question) })),
    })),
    texts: [],
    settings: [
      ...Object.entries(settings)
        .filter(([, value]) => value !== undefined)
        .map(([label, value]) => ({ label, value: String(value) })),
      { label: "training questions", value: grouped(data.train.count) },
      { label: "backend", value: `${runs[0]?.run.machine ?? ""}, seqloom ${version}` },
    ],
    command,
  };
  return renderReport(report, readPlotSource());
}

/** At most `most` evenly spaced entries of a list, the last one included. */
export function thin<T>(list: readonly T[], most: number): T[] {
  const step = Math.ceil(list.length / most);
  return list.filter((_, i) => (list.length - 1 - i) % step === 0);
}

/** The report of a language model's training. */
export function reportText(run: TextRun, data: TextData, settings: TextSettings, command: string): string {
  const { losses, evaluations, texts, seconds } = run.history;
  const thinned = thin(losses, 600);
  const steps = evaluations.map(({ step }) => step ?? Number.NaN);
  const tests = run.tests.map(({ protocol, perplexity }) => ({
    label: `test perplexity, ${protocol} protocol`,
    value: perplexity.toFixed(2),
  }));
  const figures = Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([label, value]) => ({ label, value: String(value) }));
  const report: Report = {
    title: `${data.name}: ${settings.preset}`,
    summary: [
      ...tests,
      { label: "parameters", value: grouped(run.parameters) },
      { label: "training time", value: duration(seconds) },
    ],
    charts: [
      {
        title: "Perplexity",
        ...{ x: "step", y: "perplexity" },
        lines: [
          {
            name: "training",
            xs: thinned.map(({ step }) => step),
            ys: thinned.map(({ loss }) => capped(Math.exp(loss), losses)),
          },
          { name: "validation", xs: steps, ys: evaluations.map(({ perplexity }) => perplexity ?? Number.NaN) },
        ],
      },
      {
        title: "Loss",
        ...{ x: "step", y: `nats per ${settings.tokenizer === "words" ? "word" : "character"}` },
        lines: [
          { name: "training", xs: thinned.map(({ step }) => step), ys: thinned.map(({ loss }) => loss) },
          { name: "validation", xs: steps, ys: evaluations.map(({ loss }) => loss ?? Number.NaN) },
        ],
      },
    ],
    answers: [],
    texts,
    settings: [
      ...figures,
      { label: "training tokens", value: grouped(data.train.length) },
      { label: "vocabulary", value: grouped(data.tokenizer.size) },
      { label: "backend", value: `${run.machine}, seqloom ${version}` },
    ],
    command,
  };
  return renderReport(report, readPlotSource());
}

/** Leaves out the first perplexities, which are as large as the vocabulary and would flatten the rest of the curve. */
function capped(perplexity: number, losses: readonly { loss: number }[]): number {
  const last = Math.exp(losses.at(-1)?.loss ?? 0);
  return perplexity > 5 * last ? Number.NaN : perplexity;
}

/** The source of the installed uPlot, for embedding in a report. */
export function readPlotSource(): PlotSource {
  return {
    style: read("dist/uPlot.min.css"),
    script: read("dist/uPlot.iife.min.js"),
    license: read("LICENSE"),
  };
}

function read(path: string): string {
  return readFileSync(createRequire(import.meta.url).resolve(`uplot/${path}`), "utf8");
}
