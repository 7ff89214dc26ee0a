import { once } from "node:events";
import { styleText } from "node:util";
import type { SeqloomError } from "../engine/errors.js";
import type { OnNotice } from "../tasks/task.js";

/** The output of a command: results on standard output, messages on standard error; with --json both as JSON. */
export class Output {
  readonly #json: boolean;
  readonly #quiet: boolean;
  readonly #word: (text: string) => string;
  /** True on a terminal: then a progress bar is shown. */
  readonly isLive: boolean;

  /** @param word renders option names in a message as flags */
  constructor({ json, quiet }: { json: boolean; quiet: boolean }, word = (text: string): string => text) {
    this.#word = word;
    this.#json = json;
    this.#quiet = quiet;
    this.isLive = !json && !quiet && process.stderr.isTTY === true;
  }

  /** Prints a result: an object with --json, otherwise text. */
  result<Report extends { readonly kind: string }>(report: Report, words: string | undefined): void {
    if (this.#json) process.stdout.write(`${toJSON(report)}\n`);
    else if (words !== undefined) process.stdout.write(`${words}\n`);
  }

  /** Prints an intermediate result; with --quiet only as JSON. */
  progress<Report extends { readonly kind: string }>(report: Report, words: string): void {
    this.result(report, this.#quiet ? undefined : words);
  }

  /** Waits until the reader of the results has caught up. */
  async written(): Promise<void> {
    if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
  }

  message(words: string): void {
    if (!this.#json && !this.#quiet) process.stderr.write(`${this.#word(words)}\n`);
  }

  error(error: SeqloomError): void {
    const { message, hint } = error;
    if (this.#json) process.stderr.write(`${toJSON({ kind: "error", message, hint: hint ?? null })}\n`);
    else process.stderr.write(`${paint("red", "error:", process.stderr)} ${message}\n`);
    if (!this.#json && hint) process.stderr.write(`${paint("dim", "hint:", process.stderr)} ${hint}\n`);
  }
}

/** Serializes a report; numbers that are not finite become null. */
function toJSON(report: object): string {
  return JSON.stringify(report);
}

/** Holds notices about the data until a command has checked its options. A notice of slow work is shown at once. */
export class HeldNotices {
  readonly #output: Output;
  #held: string[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  readonly onNotice: OnNotice = ({ about, message }) => {
    if (about === "progress") this.#output.message(message);
    else this.#held.push(message);
  };

  /** Shows those that are held. */
  show(): void {
    for (const message of this.#held) this.#output.message(message);
    this.#held = [];
  }
}

/** Colours text where a person watches. */
export function paint(
  style: "red" | "green" | "dim" | "bold",
  text: string,
  stream: { readonly isTTY: boolean } = process.stdout,
): string {
  return stream.isTTY ? styleText(style, text) : text;
}

/** 98.4 % */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** 1 min 12 s */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole < 10 ? seconds.toFixed(1) : whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** 45,000 */
export function grouped(n: number): string {
  return Math.round(n).toLocaleString("en");
}
