import type uPlot from "uplot";

/** A chart as embedded in the page; null is a gap. */
export interface PlottedChart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly percent: boolean;
  readonly lines: readonly {
    readonly name: string;
    readonly xs: readonly number[];
    readonly ys: readonly (number | null)[];
  }[];
}

/**
 * Draws every chart into its `.plot` element. It runs in the browser of the reader: the report contains the source of this
 * one function, so it must not refer to anything outside. Colours come from the style sheet.
 */
export function drawCharts(Plot: typeof uPlot, charts: readonly PlottedChart[]): void {
  const root = document.documentElement;
  const colour = (name: string) => () => getComputedStyle(root).getPropertyValue(name).trim();
  const lineColour = (i: number) => `--line-${((i - 1) % 6) + 1}`;
  const strokes = [
    { dash: [], border: "solid" },
    { dash: [9, 4], border: "dashed" },
    { dash: [2, 3], border: "dotted" },
  ];
  const fontFamily = getComputedStyle(document.body).fontFamily;
  // Four significant digits, but never fewer than the whole part has.
  const number = new Intl.NumberFormat("en", {
    maximumSignificantDigits: 4,
    maximumFractionDigits: 0,
    roundingPriority: "morePrecision",
  });
  const tenths = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

  const sizeFor = (width: number) => ({
    width,
    height: Math.round(Math.min(360, Math.max(230, width * 0.6))),
  });

  function draw(chart: PlottedChart, target: HTMLElement): uPlot {
    const percent = (digits: Intl.NumberFormat) => (value: number) => `${digits.format(100 * value)}\u202f%`;
    const onAxis = chart.percent ? percent(number) : number.format;
    const inLegend = chart.percent ? percent(tenths) : number.format;
    const lastX = Math.max(...chart.lines.flatMap(({ xs }) => xs.slice(-1)));
    // Dashes help where colours fail (paper, a bad projector), but shred a line of many points.
    const dense = chart.lines.some(({ xs }) => xs.length > 100);
    const stroke = (i: number) => strokes[dense ? 0 : (i - 1) % strokes.length];
    const wholeXs = chart.lines.every(({ xs }) => xs.every(Number.isInteger));
    const axis = {
      stroke: colour("--muted"),
      font: `12px ${fontFamily}`,
      labelFont: `12px ${fontFamily}`,
      labelSize: 22,
      ticks: { show: false },
      grid: { stroke: colour("--grid"), width: 1 },
    };
    return new Plot(
      {
        ...sizeFor(target.clientWidth),
        padding: [8, 24, 0, 0],
        scales: { x: { time: false }, y: chart.percent ? { range: [0, 1] } : {} },
        axes: [
          {
            ...axis,
            label: chart.x,
            size: 30,
            grid: { show: false },
            border: { ...axis.grid, show: true },
            values: (_, splits) => splits.map((x) => (wholeXs && !Number.isInteger(x) ? "" : number.format(x))),
          },
          { ...axis, label: chart.y, size: 58, values: (_, splits) => splits.map(onAxis) },
        ],
        series: [
          { label: chart.x, value: (_, x, __, i) => number.format(i === null ? lastX : x) },
          ...chart.lines.map(({ name, ys }, i): uPlot.Series => {
            const last = ys.findLast((y) => y !== null) ?? null;
            return {
              label: name,
              stroke: colour(lineColour(i + 1)),
              width: 2,
              dash: stroke(i + 1)?.dash ?? [],
              points: { fill: colour("--paper") },
              // Before the pointer enters the chart, the legend shows the last value of each line.
              value: (_, y: number | null, __, at) => {
                const shown = at === null ? last : y;
                return shown === null ? "–" : inLegend(shown);
              },
            };
          }),
        ],
        cursor: {
          drag: { x: false, y: false },
          points: { size: 9, width: 0, fill: (_, i) => `var(${lineColour(i)})` },
        },
        legend: {
          mount: (_, legend) => target.before(legend),
          markers: {
            width: 2,
            stroke: (_, i) => `var(${lineColour(i)})`,
            dash: (_, i) => stroke(i)?.border ?? "solid",
          },
        },
      },
      // If a line has no point at the x of another, join leaves undefined, which is drawn through;
      // null is a gap, and mode 2 widens it to the nearest points.
      Plot.join(
        chart.lines.map(({ xs, ys }) => [[...xs], [...ys]]),
        chart.lines.map(() => [0, 2]),
      ),
      target,
    );
  }

  const targets = [...document.querySelectorAll<HTMLElement>(".plot")];
  const plots = charts.flatMap((chart, i) => {
    const target = targets[i];
    if (target === undefined) return [];
    const plot = draw(chart, target);
    plot.ctx.canvas.setAttribute("role", "img");
    plot.ctx.canvas.setAttribute("aria-label", `${chart.title}: ${chart.y} by ${chart.x}`);
    return [{ plot, target }];
  });

  const refit = () => {
    for (const { plot, target } of plots) {
      if (target.clientWidth !== plot.width) plot.setSize(sizeFor(target.clientWidth));
    }
  };
  const observer = new ResizeObserver(refit);
  for (const target of targets) observer.observe(target);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const { plot } of plots) plot.redraw(false);
  });
  // Paper is white and about 700 px wide.
  addEventListener("beforeprint", () => {
    root.classList.add("on-paper");
    for (const { plot } of plots) plot.setSize(sizeFor(plots.length > 1 ? 330 : 680));
  });
  addEventListener("afterprint", () => {
    root.classList.remove("on-paper");
    refit();
  });
}
