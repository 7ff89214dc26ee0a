import { drawCharts, type PlottedChart } from "./charts.js";
import { type Grid, gridTable } from "./grid.js";
import { escapeHtml, renderPage } from "./page.js";
import { reportStyle } from "./style.js";

/** What a run has to show for itself. Every string is plain text: the page escapes it. */
export interface Report {
  readonly title: string;
  /** The three to five headline numbers, already worded: `{ label: "exact match", value: "98.4 %" }`. */
  readonly summary: readonly Fact[];
  /** Drawn two abreast where there is room; a chart with nothing to draw is left out. */
  readonly charts: readonly Chart[];
  readonly answers: readonly Answers[];
  /** Scores of groups. @default none */
  readonly grids?: readonly Grid[];
  /** What a language model wrote; line breaks are kept. */
  readonly texts: readonly { readonly title: string; readonly text: string }[];
  readonly settings: readonly Fact[];
  /** The command line that makes the run again. */
  readonly command: string;
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface Chart {
  readonly title: string;
  /** Names of the two axes, with the unit where there is one: "epoch", "loss (nats per token)". */
  readonly x: string;
  readonly y: string;
  /** With "percent" the ys are fractions, 0.54 is written 54 %, and the axis runs from 0 to 100 %. */
  readonly unit?: "percent";
  readonly lines: readonly ChartLine[];
}

/** One curve. Each has its own xs; a y that is not finite leaves a gap, an x that is not drops the point. */
export interface ChartLine {
  readonly name: string;
  readonly xs: readonly number[];
  readonly ys: readonly number[];
}

/** Questions with the model's predictions; a prediction is right when it equals the reference to the letter. */
export interface Answers {
  readonly title: string;
  readonly rows: readonly {
    readonly question: string;
    readonly reference: string;
    readonly prediction: string;
    /** What the question is about: the address of a picture, with all of its bytes. */
    readonly picture?: string | undefined;
  }[];
}

/** uPlot, as it travels in the page: the contents of its files. */
export interface PlotSource {
  readonly style: string;
  readonly script: string;
  readonly license: string;
}

/**
 * The page of a report.
 *
 *     writeFileSync("addition-peeky.html", renderReport(report, readPlotSource()));
 */
export function renderReport(report: Report, plot: PlotSource): string {
  const charts = report.charts.map(toPlottedChart).filter((chart) => chart.lines.some(({ xs }) => xs.length > 0));
  const main = `${group("charts", charts.map(figure))}
${group("tables", [
  ...(report.grids ?? []).map((grid) => section(grid.title, gridTable(grid))),
  ...report.answers.map(answersTable),
  ...report.texts.map(({ title, text }) => section(title, `<p class="text">${escapeHtml(text)}</p>`)),
  ...(report.settings.length > 0 ? [section("Settings", facts("settings", report.settings))] : []),
])}
${section("To make it again", `<pre class="command"><code>${escapeHtml(report.command)}</code></pre>`)}`;
  return renderPage({
    title: report.title,
    style: plot.style + reportStyle,
    header: facts("summary", report.summary),
    main,
    end: charts.length > 0 ? script(charts, plot) : "",
  });
}

/** JSON has no NaN and no infinity: here they become null, which uPlot draws as a gap. */
function toPlottedChart({ title, x, y, unit, lines }: Chart): PlottedChart {
  return {
    title,
    x,
    y,
    percent: unit === "percent",
    lines: lines.map(({ name, xs, ys }) => ({
      name,
      xs: xs.filter(Number.isFinite),
      ys: ys.filter((_, i) => Number.isFinite(xs[i])).map((value) => (Number.isFinite(value) ? value : null)),
    })),
  };
}

function figure({ title }: PlottedChart): string {
  return `<figure><figcaption><h2>${escapeHtml(title)}</h2></figcaption><div class="plot"></div></figure>`;
}

function answersTable({ title, rows }: Answers): string {
  const body = rows.map(({ question, reference, prediction, picture }) => {
    // U+FE0E asks for the plain sign where a phone would show an emoji.
    const [verdict, sign] = prediction === reference ? ["right", "☑\ufe0e"] : ["wrong", "☒"];
    const mark = `<span class="mark" role="img" aria-label="${verdict}">${sign}</span>`;
    const asked = picture ? `<img src="${escapeHtml(picture)}" alt="${escapeHtml(question)}">` : escapeHtml(question);
    const cells = [asked, escapeHtml(reference), `${mark} ${escapeHtml(prediction)}`];
    return `<tr class="${verdict}">${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  const table = `<table>
<thead><tr><th scope="col">Question</th><th scope="col">Truth</th><th scope="col">Guess</th></tr></thead>
<tbody>
${body.join("\n")}
</tbody>
</table>`;
  return section(title, table);
}

function facts(className: string, list: readonly Fact[]): string {
  const items = list.map(({ label, value }) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`);
  return items.length > 0 ? `<dl class="${className}">\n${items.join("\n")}\n</dl>` : "";
}

function section(title: string, body: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>${body}</section>`;
}

function group(className: string, parts: readonly string[]): string {
  return parts.length > 0 ? `<div class="${className}">\n${parts.join("\n")}\n</div>` : "";
}

/** In JSON "<" stands only inside strings, so writing it as an escape keeps `</script>` from ending ours. */
function script(charts: readonly PlottedChart[], plot: PlotSource): string {
  const data = JSON.stringify(charts).replaceAll("<", "\\u003c");
  return `<noscript><p>The charts are drawn by a script, which this browser does not run.</p></noscript>
<script>
/* uPlot draws the charts.
${plot.license.trim()} */
${plot.script.trim()}
(${drawCharts})(uPlot, ${data});
</script>`;
}
