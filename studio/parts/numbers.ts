import { language } from "../words/language.js";

/** Number formats in the language of the page. */
const format = (options: Intl.NumberFormatOptions) => (value: number) =>
  Number.isFinite(value) ? new Intl.NumberFormat(language.value, options).format(value) : "–";

export const whole = format({ maximumFractionDigits: 0 });
export const percent = format({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
export const wholePercent = format({ style: "percent", maximumFractionDigits: 0 });
export const significant = format({ maximumSignificantDigits: 4 });
export const fixed = format({ minimumFractionDigits: 4, maximumFractionDigits: 4 });
export const signed = format({ minimumFractionDigits: 3, maximumFractionDigits: 3, signDisplay: "exceptZero" });

/** 1:12 */
export function clock(seconds: number): string {
  const all = Math.floor(seconds);
  return `${Math.floor(all / 60)}:${String(all % 60).padStart(2, "0")}`;
}

/** 1.4 MB */
export function size(bytes: number): string {
  const [unit, divisor] = bytes < 1e6 ? ["kB", 1e3] : ["MB", 1e6];
  return `${new Intl.NumberFormat(language.value, { maximumSignificantDigits: 3 }).format(bytes / Number(divisor))} ${unit}`;
}
