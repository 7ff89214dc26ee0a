import { Random } from "../engine/random.js";
import { bootstrap, type Interval } from "../metrics/bootstrap.js";
import { sumStatistics } from "../metrics/measure.js";
import type { AnsweredPair } from "../run/answer-pairs.js";
import type { PairMeasure, PairMeasureName, PairScores } from "../run/evaluate.js";
import type { PairCodec } from "../text/codec.js";
import { type ShownScore, shownScores } from "./pair-scores.js";

/** The scores of some questions, and how far they can be trusted. */
export interface ScoreColumn {
  readonly count: number;
  readonly scores: PairScores;
  /** 95 % intervals. */
  readonly confidence?: Readonly<Partial<Record<PairMeasureName, Interval>>>;
}

/** What each question adds to each score, so that any part of them can be scored. */
export class Statistics {
  readonly #measures: readonly (readonly [PairMeasureName, PairMeasure, number[][]])[];
  readonly #pairs: readonly AnsweredPair[];

  constructor(
    pairs: readonly AnsweredPair[],
    names: readonly PairMeasureName[],
    measures: Readonly<Record<PairMeasureName, PairMeasure>>,
  ) {
    this.#pairs = pairs;
    this.#measures = names.map((name) => [name, measures[name], pairs.map(measures[name].statistics)]);
  }

  /** @param seed of the draws that confidence comes from; without it there is none */
  score(isCounted: (pair: AnsweredPair) => boolean, seed?: number): ScoreColumn {
    const counted = this.#pairs.map(isCounted);
    const of = <T>(make: (measure: PairMeasure, rows: number[][]) => T): Partial<Record<PairMeasureName, T>> =>
      Object.fromEntries(
        this.#measures.map(([name, measure, rows]) => [
          name,
          make(
            measure,
            rows.filter((_, i) => counted[i]),
          ),
        ]),
      );
    return {
      count: counted.filter((is) => is).length,
      scores: of((measure, rows) => measure.score(sumStatistics(rows))),
      ...(seed !== undefined && { confidence: of((measure, rows) => bootstrap(measure, rows, new Random(seed))) }),
    };
  }
}

/** A line for each score, with a column for each part of the questions; a head where there are several. */
export function formatScores(
  columns: readonly (readonly [title: string, column: ScoreColumn])[],
  tokenizer: PairCodec,
): string {
  const shown = shownScores(tokenizer).filter(({ name }) => columns[0]?.[1].scores[name] !== undefined);
  const head = columns.length > 1 ? [["", ...columns.map(([title]) => title)]] : [];
  const lines = [...head, ...shown.map((each) => [each.label, ...columns.map(([, column]) => cell(each, column))])];
  const widths = lines[0]?.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((text, i) => text.padEnd(widths[i] ?? 0))
        .join("   ")
        .trimEnd(),
    )
    .join("\n");
}

function cell({ name, format }: ShownScore, { scores, confidence }: ScoreColumn): string {
  const interval = confidence?.[name];
  const range = interval && ` (${format(interval.low).replace(" %", "")} – ${format(interval.high)})`;
  return `${format(scores[name] ?? Number.NaN)}${range ?? ""}`;
}
