import { Random } from "../engine/random.js";
import type { SearchSettings } from "./decode-options.js";
import { applyRules, coveragePenalty, lengthPenalty, type Prefix, stepsOf } from "./rules.js";

/** An answer that a search found. */
export interface Hypothesis {
  /** Without the start and the end. */
  readonly ids: readonly number[];
  /** Natural logarithm of the probability of all its tokens, including the end. */
  readonly score: number;
  /** Sort key of hypotheses: the score over the length penalty (counting the end), plus the coverage penalty. */
  readonly rank: number;
  /** False if the rules left no token that may follow. The answer is then cut back to the last complete state. */
  readonly finished: boolean;
  /** Attention weights (T, S) of the steps that chose the ids. */
  readonly attention?: readonly Float32Array[];
}

/** Result of one step of the model for all rows. The logits of tokens that may not follow are −∞. */
export interface StepResult {
  readonly V: number;
  /** (R, V) */
  readonly logits: Float32Array;
  /** Log-sum-exp of each row of logits before the rules were applied, (R). */
  readonly lse: Float32Array;
  /** Sampling probabilities (R, V); undefined unless tokens are sampled. */
  readonly probabilities: Float32Array | undefined;
  /** (R, S) */
  readonly attention: { readonly data: Float32Array; readonly shape: readonly number[] } | undefined;
}

/** The beam of one source: the search for its answers. Its rows in the batch are n·B … (n + 1)·B − 1. */
export class Beam {
  /** Unfinished prefixes, the most probable first: row b holds the b-th. Empty when the search is done. */
  live: readonly Prefix[];
  /** Best first. */
  readonly #ended: Hypothesis[] = [];
  readonly #settings: SearchSettings & { readonly maxLength: number };
  readonly #n: number;
  readonly #S: number | undefined;
  readonly #candidates: Candidates;
  readonly #random: Random;

  /** @param S length of the source, if its attention is padded to more */
  constructor(settings: SearchSettings, n: number, S: number | undefined) {
    const { beam: B, start, constraint, seed, streams, maxLength } = settings;
    this.live = [{ id: start, length: 0, score: 0, row: 0, state: constraint?.start }];
    this.#settings = { ...settings, maxLength: typeof maxLength === "number" ? maxLength : (maxLength[n] ?? 0) };
    this.#n = n;
    this.#S = S;
    this.#candidates = new Candidates(2 * B); // at most B of them end, which leaves B to continue
    this.#random = new Random(seed, streams?.[n] ?? n);
  }

  /** At most nBest answers, the best first. */
  get best(): Hypothesis[] {
    return this.#ended.slice(0, this.#settings.nBest);
  }

  /** Sets the logits (R, V) of the tokens that may not follow to −∞. */
  applyRules(logits: Float32Array, V: number): void {
    for (const [b, prefix] of this.live.entries()) applyRules(this.#row(logits, b, V), prefix, this.#settings);
  }

  /** Extends the live prefixes by one token. */
  advance(step: StepResult): void {
    const before = this.live;
    if (before.length === 0) return;
    this.#collect(step);
    const { maxLength, end } = this.#settings;
    const live = this.#extend(step);
    const isLast = end === undefined && live[0]?.length === maxLength;
    if (isLast) for (const prefix of live) if (prefix.state?.complete ?? true) this.#end(prefix, true);
    const [mostProbable = before[0]] = live;
    const isCut = this.#ended.length === 0 && (isLast || live.length === 0);
    if (isCut && mostProbable) this.#end(lastComplete(mostProbable), false);
    this.live = isLast || this.#isDecided(live) ? [] : live;
  }

  #row(data: Float32Array, b: number, width: number): Float32Array {
    const from = (this.#n * this.#settings.beam + b) * width;
    return data.subarray(from, from + width);
  }

  /** Collects the best continuations of all live prefixes, or one sample. */
  #collect({ V, logits, lse, probabilities }: StepResult): void {
    const { beam: B, sampler } = this.#settings;
    const candidates = this.#candidates;
    candidates.clear();
    for (const [b, { score }] of this.live.entries()) {
      const row = this.#row(logits, b, V);
      const base = score - (lse[this.#n * B + b] ?? 0);
      if (!sampler || !probabilities) candidates.addRow(b, row, base);
      else {
        const weights = this.#row(probabilities, b, V);
        if (!maskWeights(weights, row)) continue;
        const id = sampler.choose(weights, this.#random);
        candidates.add(b, id, base + (row[id] ?? 0));
      }
    }
  }

  /** Ends the answers among the B best candidates, and returns the B best candidates that do not end. */
  #extend({ attention }: StepResult): Prefix[] {
    const { beam: B, end, keepAttention, coveragePenalty: beta } = this.#settings;
    const S = attention?.shape[1] ?? 0;
    const weights =
      attention && (keepAttention || beta > 0)
        ? this.live.map((_, b) => this.#row(attention.data, b, S).slice(0, this.#S))
        : [];
    const { count, rows, ids, scores } = this.#candidates;
    const live: Prefix[] = [];
    for (let i = 0; i < count && live.length < B; i++) {
      const [row = 0, id = 0, score = 0] = [rows[i], ids[i], scores[i]];
      const before = this.live[row];
      if (!before) continue;
      const next = { before, id, score, row, length: before.length + 1, attention: weights[row] };
      if (id !== end) live.push({ ...next, state: before.state?.after(id) });
      else if (i < B) this.#end({ ...next, state: before.state }, true);
    }
    return live;
  }

  #end(prefix: Prefix, finished: boolean): void {
    const { end, keepAttention, lengthPenalty: alpha, coveragePenalty: beta } = this.#settings;
    const steps = stepsOf(prefix);
    const written = steps.at(-1)?.id === end ? steps.slice(0, -1) : steps;
    const attention = (of: readonly Prefix[]) => of.flatMap((step) => step.attention ?? []);
    const coverage = beta > 0 ? coveragePenalty(attention(steps), beta) : 0;
    this.#ended.push({
      ids: written.map(({ id }) => id),
      score: prefix.score,
      rank: prefix.score / lengthPenalty(steps.length, alpha) + coverage,
      finished,
      ...(keepAttention && { attention: attention(written) }),
    });
    this.#ended.sort((a, b) => b.rank - a.rank);
  }

  /** True if B answers have ended, or no live prefix can reach the nBest even at full length without losing probability. */
  #isDecided([mostProbable]: readonly Prefix[]): boolean {
    const { beam: B, nBest, maxLength, lengthPenalty: alpha } = this.#settings;
    if (!mostProbable || this.#ended.length >= B) return true;
    const last = this.#ended[nBest - 1];
    return last !== undefined && mostProbable.score / lengthPenalty(maxLength + 1, alpha) <= last.rank;
  }
}

/** The longest prefix of a prefix at which the constraint lets an answer end. */
function lastComplete(prefix: Prefix): Prefix {
  let complete = prefix;
  while (complete.before && complete.state && !complete.state.complete) complete = complete.before;
  return complete;
}

/** Sets the weight of tokens with logit −∞ to exactly 0, as softmax may not. @returns true if any token is left */
function maskWeights(weights: Float32Array, logits: Float32Array): boolean {
  let isAnyLeft = false;
  for (let id = 0; id < weights.length; id++)
    if (logits[id] === Number.NEGATIVE_INFINITY) weights[id] = 0;
    else isAnyLeft = true;
  return isAnyLeft;
}

/** The K best continuations of the prefixes of a source, best first; of equal ones the lower row, then the lower id. */
class Candidates {
  count = 0;
  readonly scores: Float64Array;
  /** Row of the prefix that each continues. */
  readonly rows: Int32Array;
  readonly ids: Int32Array;

  constructor(K: number) {
    this.scores = new Float64Array(K);
    this.rows = new Int32Array(K);
    this.ids = new Int32Array(K);
  }

  clear(): void {
    this.count = 0;
  }

  /** Adds all tokens of a row, with score base + logits[id]. Tokens with −∞ are never added. Rows must come in order. */
  addRow(row: number, logits: Float32Array, base: number): void {
    let least = this.#worst - base; // no logit up to it can be among the best, so most tokens cost one comparison
    for (let id = 0; id < logits.length; id++) {
      const logit = logits[id] ?? Number.NaN;
      if (logit > least) {
        this.add(row, id, base + logit);
        least = this.#worst - base;
      }
    }
  }

  add(row: number, id: number, score: number): void {
    const { scores, rows, ids } = this;
    if (score <= this.#worst) return;
    let at = this.count < scores.length ? this.count++ : scores.length - 1;
    for (; at > 0 && (scores[at - 1] ?? 0) < score; at--) {
      scores[at] = scores[at - 1] ?? 0;
      rows[at] = rows[at - 1] ?? 0;
      ids[at] = ids[at - 1] ?? 0;
    }
    scores[at] = score;
    rows[at] = row;
    ids[at] = id;
  }

  /** Score that a new candidate must exceed. */
  get #worst(): number {
    const { scores, count } = this;
    return count < scores.length ? Number.NEGATIVE_INFINITY : (scores[count - 1] ?? Number.NEGATIVE_INFINITY);
  }
}
