import { ShapeError } from "../engine/errors.js";

/**
 * A score that is a function of counts: those of a corpus are the sums of those of its sentences. So one definition
 * scores a corpus, a sentence, and a corpus drawn anew (see `bootstrap`).
 */
export interface Measure<Sentence> {
  /** What counts in one sentence; of several references, which one it is held against is the measure's to say. */
  statistics(hypothesis: Sentence, references: readonly Sentence[]): number[];
  /** The score of a corpus from the sums of its statistics; a finite number, whatever the corpus. */
  score(sums: readonly number[]): number;
}

/**
 * The statistics of each sentence.
 * @param references one or more for each hypothesis
 * @throws ShapeError where a hypothesis has no reference, or there is no hypothesis
 */
export function corpusStatistics<Sentence>(
  measure: Pick<Measure<Sentence>, "statistics">,
  hypotheses: readonly Sentence[],
  references: readonly (readonly Sentence[])[],
): number[][] {
  if (hypotheses.length === 0) throw new ShapeError("measure: expected at least one sentence, got none.");
  if (references.length !== hypotheses.length)
    throw new ShapeError(
      `measure: expected the references of ${hypotheses.length} sentences, got those of ${references.length}.`,
      "references[i] is the list of what the sentence i may be",
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

/** The score of a corpus. @throws ShapeError as `corpusStatistics` */
export function scoreCorpus<Sentence>(
  measure: Measure<Sentence>,
  hypotheses: readonly Sentence[],
  references: readonly (readonly Sentence[])[],
): number {
  return measure.score(sumStatistics(corpusStatistics(measure, hypotheses, references)));
}
