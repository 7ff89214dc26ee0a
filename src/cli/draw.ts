import { SingleBar } from "cli-progress";
import type { Answer } from "../run/evaluate.js";
import type { PairResult } from "../run/pair-run.js";
import type { RunEvent } from "../run/run.js";
import type { EvaluationReport, StepReport } from "../run/trainer.js";
import { duration, grouped, type Output, paint, percent } from "./output.js";

/** Describes an evaluation: a summary line, and samples below it. */
export type Describe<Result> = (result: Result) => { readonly line: string; readonly below: string };

/** Describes an evaluation of predictions. */
export function describePairs(result: PairResult): { line: string; below: string } {
  const { exactMatch, judged = exactMatch, tokenAccuracy, bleu, loss, set, samples } = result;
  const name = set === "test" ? "test" : "validation";
  const scores = [
    `${percent(judged)} right`,
    ...(tokenAccuracy === undefined ? [] : [`token accuracy (teacher forcing) ${percent(tokenAccuracy)}`]),
    ...(bleu === undefined ? [] : [`BLEU ${bleu.toFixed(1)}`]),
    `${name} loss ${loss.toFixed(4)}`,
  ];
  return { line: scores.join(", "), below: formatAnswers(samples) };
}

/** Shows a run's events: a progress bar on a terminal, a line and samples for each epoch, or JSON. */
export class RunView<Result> {
  readonly #output: Output;
  readonly #title: string;
  readonly #epochs: number;
  readonly #describe: Describe<Result>;
  #bar: SingleBar | undefined;
  #last: StepReport | undefined;

  constructor(output: Output, title: string, epochs: number, describe: Describe<Result>) {
    this.#output = output;
    this.#title = title;
    this.#epochs = epochs;
    this.#describe = describe;
  }

  show(event: RunEvent<Result>): void {
    if (event.kind === "step") {
      this.#last = event;
      this.#draw(event);
      this.#output.result(event, undefined);
    } else if (event.kind === "evaluation") this.#showEvaluation(event);
    else this.#output.result(event, undefined);
  }

  /** Removes the bar, so that lines can be printed. */
  clear(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #showEvaluation(report: EvaluationReport<Result>): void {
    this.clear();
    const { line, below } = this.#describe(report);
    const speed = this.#last ? `, ${grouped(this.#last.tokensPerSecond)} tokens/s` : "";
    const head = `${this.#title}, epoch ${report.epoch} of ${this.#epochs}: ${line}${speed}`;
    this.#output.progress(report, `${paint("bold", head)}\n${below}\n`);
  }

  #draw({ epoch, step, steps, loss, tokensPerSecond, msPerStep }: StepReport): void {
    if (!this.#output.isLive) return;
    const payload = {
      epoch,
      loss: loss.toFixed(4),
      speed: grouped(tokensPerSecond),
      left: duration(((steps - step) * msPerStep) / 1000),
    };
    if (!this.#bar) {
      const format = `${this.#title} · epoch {epoch}/${this.#epochs} {bar} {percentage}% · loss {loss} · {speed} tokens/s · {left} left`;
      const look = { barsize: 24, clearOnComplete: true, hideCursor: true };
      this.#bar = new SingleBar({ format, ...look, stream: process.stderr });
      this.#bar.start(steps, step, payload);
    }
    this.#bar.update(step, payload);
  }
}

/** Maximum width of a line with an answer; longer ones are stacked. */
const LINE = 120;

/** Lists questions with ☑ and the reference, or with ☒, the reference and the prediction. */
export function formatAnswers(answers: readonly Answer[]): string {
  const widest = (pick: (answer: Answer) => string): number =>
    Math.max(0, ...answers.map((answer) => widthOf(pick(answer))));
  const [question, reference] = [widest((answer) => answer.question), widest((answer) => answer.reference)];
  const hasLines = answers.some((answer) => answer.question.includes("\n"));
  const isWide = hasLines || question + reference + widest((answer) => answer.prediction) > LINE;
  return answers
    .map((answer) => {
      const isRight = answer.prediction === answer.reference;
      const mark = isRight ? paint("green", "☑") : paint("red", "☒");
      const said = isRight ? [] : [paint("red", answer.prediction)];
      const below = (text: string): string => text.replaceAll("\n", "\n    ");
      if (isWide) return [`  ${mark} ${below(answer.question)}`, answer.reference, ...said].join("\n    ");
      const line = `${padEnd(answer.question, question)}  ${isRight ? answer.reference : padEnd(answer.reference, reference)}`;
      return [`  ${mark} ${line}`, ...said].join("  ");
    })
    .join("\n");
}

/** Width of a text in terminal columns. */
function widthOf(text: string): number {
  const wide = text.match(/[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu);
  return [...text].length + (wide?.length ?? 0);
}

const padEnd = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - widthOf(text)));
