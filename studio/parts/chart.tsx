import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Curve } from "../messages.js";
import { percent, significant, wholePercent } from "./numbers.js";

export interface Line extends Curve {
  readonly name: string;
  /** 1 to 6, for the CSS colours --line-1 to --line-6. */
  readonly colour?: number;
}

interface ChartProps {
  readonly title: string;
  readonly hint: string;
  readonly x: string;
  readonly lines: readonly Line[];
  readonly isShare?: boolean;
  /** Text of an empty chart. */
  readonly waiting?: string;
}

const css = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colourOf = ({ colour = 1 }: Line): string => `--line-${((colour - 1) % 6) + 1}`;

/** A line chart with a common x axis. It adapts to the width of its container and the page's colours. */
export function Chart({ title, hint, x, lines, isShare = false, waiting }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const drawn = lines.filter(({ xs }) => xs.length > 0);
  const shape = drawn.map((line) => `${line.name} ${line.colour}`).join("\n");

  useEffect(() => {
    const target = place.current;
    if (!target || drawn.length === 0) return;
    const made = new uPlot(optionsFor(target, drawn, { title, x, isShare }), dataOf(drawn), target);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (target.clientWidth > 0 && target.clientWidth !== made.width) made.setSize(sizeOf(target));
    });
    observer.observe(target);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const redraw = () => made.redraw(false);
    dark.addEventListener("change", redraw);
    return () => {
      observer.disconnect();
      dark.removeEventListener("change", redraw);
      made.destroy();
      plot.current = undefined;
    };
  }, [shape, title, x, isShare]);

  useEffect(() => {
    if (drawn.length > 0) plot.current?.setData(dataOf(drawn));
  });

  const last = drawn.map((line) => {
    const y = line.ys.at(-1) ?? Number.NaN;
    return { ...line, value: isShare ? percent(y) : significant(y) };
  });
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        <p class="hint">{hint}</p>
        <ul class="legend">
          {last.map((line) => (
            <li key={line.name}>
              <span class="stroke" style={{ background: `var(${colourOf(line)})` }} />
              {line.name} <b>{line.value}</b>
            </li>
          ))}
        </ul>
      </figcaption>
      {drawn.length > 0 ? <div class="plot" ref={place} /> : <p class="waiting">{waiting}</p>}
    </figure>
  );
}

function sizeOf(target: HTMLElement): { width: number; height: number } {
  const width = Math.max(target.clientWidth, 120);
  return { width, height: Math.round(Math.min(280, Math.max(180, width * 0.5))) };
}

/** The lines on a common x axis; uPlot connects across undefined, so lines need not share their points. */
function dataOf(lines: readonly Line[]): uPlot.AlignedData {
  return uPlot.join(lines.map(({ xs, ys }) => [[...xs], [...ys]]));
}

function optionsFor(
  target: HTMLElement,
  lines: readonly Line[],
  { title, x, isShare }: { title: string; x: string; isShare: boolean },
): uPlot.Options {
  const axis = {
    stroke: () => css("--muted"),
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
    ticks: { show: false },
    grid: { stroke: () => css("--grid"), width: 1 },
  };
  return {
    ...sizeOf(target),
    padding: [10, 14, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: (_, low, high) => (low === high ? [Math.max(0, low - 1), high + 1] : [low, high]) },
      y: isShare ? { range: [0, 1] } : {},
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 28,
        values: (_, at) => at.map((v) => (Number.isInteger(v) ? significant(v) : "")),
      },
      { ...axis, size: 52, values: (_, at) => at.map((v) => (isShare ? wholePercent(v) : significant(v))) },
    ],
    series: [
      { label: x },
      ...lines.map((line) => ({
        label: line.name,
        stroke: () => css(colourOf(line)),
        width: 2,
        spanGaps: true,
        points: {
          show: ({ data }: uPlot, i: number) => (data[i]?.length ?? 0) < 40,
          size: 6,
          fill: () => css("--card"),
        },
      })),
    ],
    hooks: {
      ready: [
        ({ ctx }) => {
          ctx.canvas.setAttribute("role", "img");
          ctx.canvas.setAttribute("aria-label", title);
        },
      ],
    },
  };
}
