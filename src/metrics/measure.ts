import { ShapeError } from "../engine/errors.js";

/**
 * A score computed from counts. The counts of a corpus are the sums of the counts of its sentences, so one definition
 * scores a corpus, a sentence and a bootstrap resample of a corpus (see `bootstrap`).
 */
export interface Measure<Sentence> {
  /** Counts of one sentence. Each measure decides which of several references it compares the hypothesis with. */
  statistics(hypothesis: Sentence, references: readonly Sentence[]): number[];
  /** Score of a corpus from the sums of its statistics. Always a finite number. */
  score(sums: readonly number[]): number;
}

/**
 * Statistics of each sentence.
 *
 * @param references one or more for each hypothesis
 * @throws ShapeError if there is no hypothesis, or a hypothesis has no reference
 */
export function corpusStatistics<Sentence>(
  measure: Pick<Measure<Sentence>, "statistics">,
  hypotheses: readonly Sentence[],
  references: readonly (readonly Sentence[])[],
): number[][] {
  if (hypotheses.length === 0) throw new ShapeError("measure: expected at least one sentence, got none.");
  if (references.length !== hypotheses.length)
    throw new ShapeError(
      `measure: expected references for ${hypotheses.length} sentences, got references for ${references.length}.`,
      "references[i] lists the references of hypotheses[i]",
    );
  return hypotheses.map((hypothesis, i) => {
    const own = references[i] ?? [];
    if (own.length === 0)
      throw new ShapeError(`measure: sentence ${i + 1}: expected at least one reference, got none.`);
    return measure.statistics(hypothesis, own);
  });
}

/** Adds up the statistics of sentences. */
export function sumStatistics(rows: readonly (readonly number[])[]): number[] {
  const sums: number[] = rows[0]?.map(() => 0) ?? [];
  for (const row of rows) for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (row[i] ?? 0);
  return sums;
}

/**
 * Score of a corpus.
 *
 * @param references one or more for each hypothesis
 * @throws ShapeError if there is no hypothesis, or a hypothesis has no reference
 */
export function scoreCorpus<Sentence>(
  measure: Measure<Sentence>,
  hypotheses: readonly Sentence[],
  references: readonly (readonly Sentence[])[],
): number {
  return measure.score(sumStatistics(corpusStatistics(measure, hypotheses, references)));
}
