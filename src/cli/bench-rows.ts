import type { Case, Sizes } from "../bench/case.js";
import type { Measurement } from "../bench/measure.js";
import { grouped, paint, percent } from "./output.js";

/** A random shape must reach this share of the case's own throughput. */
export const LEAST_SHARE = 0.6;

const widths = [-26, -43, 8, 9, 9, 10, 7] as const;
const heads = ["", "", "ms/step", "GFLOP/s", "of best", "tokens/s", "GB/s"];

/** The heads of the columns, under the name of the engine. */
export function headRow(engine: string, peak: number): string {
  const title = `${engine}: ${(peak / 1e9).toFixed(1)} GFLOP/s at best`;
  return `${paint("bold", title)}\n${paint("dim", row(heads))}`;
}

/** The row of a case. */
export function caseRow({ title }: Case, measured: Measurement): string {
  return row([title, ...figures(measured)]);
}

/** The row of the same case at a random shape, compared with the case's share of the peak. */
export function randomRow(measured: Measurement, usual: Measurement): string {
  const share = measured.shareOfPeak / usual.shareOfPeak;
  const verdict = `${percent(share)} of the case's share`;
  const below = paint("red", `${verdict}: below ${percent(LEAST_SHARE)}`);
  return `${row(["  at a random shape", ...figures(measured)])}  ${share < LEAST_SHARE ? below : paint("dim", verdict)}`;
}

function figures(measured: Measurement): string[] {
  const { shape, msPerStep, gflops, shareOfPeak, tokensPerSecond, weightGigabytesPerSecond } = measured;
  return [
    ...[formatSizes(shape), formatTime(msPerStep), gflops.toFixed(1), percent(shareOfPeak)],
    ...(tokensPerSecond === undefined ? [] : [grouped(tokensPerSecond)]),
    ...(weightGigabytesPerSecond === undefined ? [] : [weightGigabytesPerSecond.toFixed(1)]),
  ];
}

/** N 20  T 35  H 100 */
export function formatSizes(shape: Sizes): string {
  return Object.entries(shape)
    .map(([letter, size]) => `${letter} ${size}`)
    .join("  ");
}

/** Three significant digits, or a whole number. */
function formatTime(ms: number): string {
  return ms < 100 ? ms.toPrecision(3) : ms.toFixed(0);
}

/** Cells side by side: a negative width is aligned to the left. */
function row(cells: readonly string[]): string {
  return cells
    .map((cell, i) => {
      const width = widths[i] ?? 0;
      return width < 0 ? cell.padEnd(-width) : cell.padStart(width);
    })
    .join("")
    .trimEnd();
}
