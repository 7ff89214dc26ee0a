import { ShapeError } from "../engine/errors.js";
import type { Random } from "../engine/random.js";
import type { Measure } from "./measure.js";

/** A confidence interval of a score. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * 95 % confidence interval of a corpus score by bootstrap resampling: the 2.5th and the 97.5th percentile of the scores
 * of `resamples` corpora, each drawn with replacement from the sentences and of the same size. Takes time in proportion
 * to `resamples` times the number of sentences.
 *
 * Source: Efron 1979; Koehn 2004 for BLEU.
 * @param statistics of each sentence, from `corpusStatistics`
 * @param resamples number of corpora that are drawn. @default 1000
 * @throws ShapeError if there is no sentence
 */
export function bootstrap(
  measure: Pick<Measure<never>, "score">,
  statistics: readonly (readonly number[])[],
  random: Random,
  resamples = 1000,
): Interval {
  const [count, width] = [statistics.length, statistics[0]?.length ?? 0];
  if (count === 0) throw new ShapeError("bootstrap: expected at least one sentence, got none.");
  const flat = Float64Array.from(statistics.flat());
  const scores = Float64Array.from({ length: resamples }, () => {
    const sums = new Array<number>(width).fill(0);
    for (let n = 0; n < count; n++) {
      const from = random.below(count) * width;
      for (let i = 0; i < width; i++) sums[i] = (sums[i] ?? 0) + (flat[from + i] ?? 0);
    }
    return measure.score(sums);
  }).sort();
  const tail = Math.floor(resamples / 40);
  return { low: scores[tail] ?? 0, high: scores[resamples - 1 - tail] ?? 0 };
}
