import { Random } from "../engine/random.js";
import { bootstrap, type Interval } from "../metrics/bootstrap.js";
import { sumStatistics } from "../metrics/measure.js";
import { type Grid, labels } from "../report/grid.js";
import type { AnsweredPair } from "../run/answer-pairs.js";
import type { PairMeasure, PairMeasureName, PairScores, ScoreGrid } from "../run/evaluate.js";
import { Characters } from "../text/characters.js";
import type { PairCodec } from "../text/codec.js";
import { Words } from "../text/words.js";
import { grouped, percent } from "./output.js";

/** A score with its label and its format. */
export interface ShownScore {
  readonly name: PairMeasureName;
  readonly label: string;
  format(score: number): string;
}

const points = (score: number): string => score.toFixed(2);
const hundredths = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** The scores in display order; the error rate's label names its unit. */
export function shownScores(tokenizer: PairCodec): ShownScore[] {
  return [
    { name: "judged", label: "judged right", format: percent },
    { name: "exactMatch", label: "exact match", format: percent },
    { name: "positionAccuracy", label: "position accuracy", format: percent },
    { name: "errorRate", label: `error rate (${unitOf(tokenizer)})`, format: hundredths },
    { name: "tokenAccuracy", label: `token accuracy (teacher forcing, ${unitOf(tokenizer)})`, format: percent },
    { name: "bleu", label: "BLEU", format: points },
    { name: "chrf", label: "chrF", format: points },
    { name: "perplexity", label: "perplexity", format: (score) => score.toFixed(4) },
  ];
}

function unitOf({ target: { tokenizer } }: PairCodec): string {
  if (tokenizer instanceof Characters) return tokenizer.unit;
  return tokenizer instanceof Words ? "words" : "tokens";
}

/** Some scores in words, each with its label; those that are missing are left out. */
export function scoreFacts(
  scores: PairScores,
  tokenizer: PairCodec,
  names: readonly PairMeasureName[],
): { label: string; value: string }[] {
  return shownScores(tokenizer).flatMap(({ name, label, format }) => {
    const score = scores[name];
    return score === undefined || !names.includes(name) ? [] : [{ label, value: format(score) }];
  });
}

/** The scores of some questions, with confidence intervals. */
export interface ScoreColumn {
  readonly count: number;
  readonly scores: PairScores;
  /** 95 % intervals. */
  readonly confidence?: Readonly<Partial<Record<PairMeasureName, Interval>>>;
}

/** The contribution of each question to each score, so that any subset can be scored. */
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

  /** @param seed of the bootstrap; without it there are no confidence intervals */
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

/** A table with a row for each score and a column for each subset; several columns get a header. */
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

/** The report's grids of a set's scores. */
export function gridsOf({ row, column, cells }: ScoreGrid, tokenizer: PairCodec): Grid[] {
  return shownScores(tokenizer).flatMap(({ name, label, format }) => {
    if (!cells.some((cell) => cell[name] !== undefined)) return [];
    const shown = cells.map(({ count, [name]: share = Number.NaN, ...place }) => {
      const note = `${grouped(count)} ${count === 1 ? "question" : "questions"}`;
      return { row: place.row, column: place.column, share, value: format(share), note };
    });
    return [{ title: label, row, column, cells: shown }];
  });
}

/** A grid as text for a terminal. */
export function formatGrid({ title, row, column, cells }: Grid): string {
  const columns = labels(cells, "column");
  const head = [[`${title} by ${[row, column].filter((name) => name !== "").join(" and ")}`], ["", ...columns]];
  const lines = labels(cells, "row").map((name) => {
    const values = columns.map((each) => cells.find((one) => one.row === name && one.column === each)?.value ?? "");
    return [row === "" ? "" : name, ...values];
  });
  const widths = columns.map((_, i) => Math.max(...[...head, ...lines].map((line) => line[i + 1]?.length ?? 0)));
  const first = Math.max(...lines.map(([name = ""]) => name.length));
  return [...head, ...lines]
    .map(([name = "", ...values]) => [
      name.padStart(first),
      ...values.map((value, i) => value.padStart(widths[i] ?? 0)),
    ])
    .map((line) => line.join("  ").trimEnd())
    .join("\n");
}
