import { type Report, renderReport } from "../report/report.js";
import type { TextRun } from "../run/text-run.js";
import type { TextSettings } from "../tasks/texts/text-options.js";
import type { TextSource } from "../tasks/texts/texts.js";
import { duration, grouped } from "./output.js";
import { thin } from "./pair-report.js";
import { readPlotSource } from "./uplot.js";
import { version } from "./version.js";

/** The page that a language model's training leaves. */
export function reportText(run: TextRun, data: TextSource, settings: TextSettings, command: string): string {
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
      { label: "computed by", value: `${run.machine}, seqloom ${version}` },
    ],
    command,
  };
  return renderReport(report, readPlotSource());
}

/** The first perplexities are as large as the vocabulary and would flatten the rest: they are left out. */
function capped(perplexity: number, losses: readonly { loss: number }[]): number {
  const last = Math.exp(losses.at(-1)?.loss ?? 0);
  return perplexity > 5 * last ? Number.NaN : perplexity;
}
