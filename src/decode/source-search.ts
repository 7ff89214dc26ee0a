import { Random } from "../engine/random.js";
import { Candidates } from "./candidates.js";
import { coveragePenalty, lengthPenalty } from "./penalties.js";
import { type Prefix, stepsOf } from "./prefix.js";
import { applyRules } from "./rules.js";
import type { SearchSettings } from "./search-options.js";

/** One answer that a search has found. */
export interface Hypothesis {
  /** Without the start and the end. */
  readonly ids: readonly number[];
  /** Natural logarithm of the probability of all its tokens, the end among them. */
  readonly score: number;
  /** What hypotheses are sorted by: the score over the length penalty (the end counts), plus the coverage penalty. */
  readonly rank: number;
  /** False where nothing was left that might follow: cut back, then, to the last whole word. */
  readonly finished: boolean;
  /** How much the step that chose each id looked at the source, (T, S). */
  readonly attention?: readonly Float32Array[];
}

/** One step of all rows: logits by which tokens that may not follow have −∞, and what else the step has computed. */
export interface StepResult {
  readonly V: number;
  /** (R, V) */
  readonly logits: Float32Array;
  /** The logarithm of the sum of exp(logits), all of them, (R). */
  readonly lse: Float32Array;
  /** Where tokens are drawn, (R, V). */
  readonly probabilities: Float32Array | undefined;
  /** (R, S) */
  readonly attention: { readonly data: Float32Array; readonly shape: readonly number[] } | undefined;
}

/** The search for the answers to one source: of the batch's rows it has n·B … (n + 1)·B − 1. */
export class SourceSearch {
  /** What goes on, in row b the b-th most probable; empty when the search is done. */
  live: readonly Prefix[];
  /** Best first. */
  readonly #ended: Hypothesis[] = [];
  readonly #settings: SearchSettings & { readonly maxLength: number };
  readonly #n: number;
  readonly #S: number | undefined;
  readonly #candidates: Candidates;
  readonly #random: Random;

  /** @param S length of the source, where its attention is wider */
  constructor(settings: SearchSettings, n: number, S: number | undefined) {
    const { beam: B, start, words, seed, streams, maxLength } = settings;
    this.live = [{ id: start, length: 0, score: 0, row: 0, place: words?.start }];
    this.#settings = { ...settings, maxLength: typeof maxLength === "number" ? maxLength : (maxLength[n] ?? 0) };
    this.#n = n;
    this.#S = S;
    this.#candidates = new Candidates(2 * B); // at most B of them end, so B can go on
    this.#random = new Random(seed, streams?.[n] ?? n);
  }

  get best(): Hypothesis[] {
    return this.#ended.slice(0, this.#settings.nBest);
  }

  /** Takes away from the logits, (R, V), what may not follow. */
  applyRules(logits: Float32Array, V: number): void {
    for (const [b, prefix] of this.live.entries()) applyRules(this.#row(logits, b, V), prefix, this.#settings);
  }

  /** Goes on by one token. */
  advance(step: StepResult): void {
    const before = this.live;
    if (before.length === 0) return;
    this.#consider(step);
    const { maxLength, end } = this.#settings;
    const live = this.#goOn(step);
    const isLast = end === undefined && live[0]?.length === maxLength;
    if (isLast) for (const prefix of live) if (prefix.place?.complete ?? true) this.#end(prefix, true);
    const [best = before[0]] = live;
    const isCut = this.#ended.length === 0 && (isLast || live.length === 0);
    if (isCut && best) this.#end(lastWhole(best), false);
    this.live = isLast || this.#isDecided(live) ? [] : live;
  }

  #row(data: Float32Array, b: number, width: number): Float32Array {
    const from = (this.#n * this.#settings.beam + b) * width;
    return data.subarray(from, from + width);
  }

  #consider({ V, logits, lse, probabilities }: StepResult): void {
    const { beam: B, sampler } = this.#settings;
    const candidates = this.#candidates;
    candidates.clear();
    for (const [b, { score }] of this.live.entries()) {
      const row = this.#row(logits, b, V);
      const base = score - (lse[this.#n * B + b] ?? 0);
      if (!sampler || !probabilities) candidates.addRow(b, row, base);
      else {
        const weights = this.#row(probabilities, b, V);
        if (!forbid(weights, row)) continue;
        const id = sampler.choose(weights, this.#random);
        candidates.add(b, id, base + (row[id] ?? 0));
      }
    }
  }

  /** Ends what ends among the B best candidates, and returns the B best that do not. */
  #goOn({ attention }: StepResult): Prefix[] {
    const { beam: B, end, keepAttention, coveragePenalty: beta } = this.#settings;
    const S = attention?.shape[1] ?? 0;
    const looked =
      attention && (keepAttention || beta > 0)
        ? this.live.map((_, b) => this.#row(attention.data, b, S).slice(0, this.#S))
        : [];
    const { count, rows, ids, scores } = this.#candidates;
    const live: Prefix[] = [];
    for (let i = 0; i < count && live.length < B; i++) {
      const [row = 0, id = 0, score = 0] = [rows[i], ids[i], scores[i]];
      const before = this.live[row];
      if (!before) continue;
      const next = { before, id, score, row, length: before.length + 1, attention: looked[row] };
      if (id !== end) live.push({ ...next, place: before.place?.after(id) });
      else if (i < B) this.#end({ ...next, place: before.place }, true);
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

  /** True when B have ended, or nothing live can come among the nBest: were it as long as can be and no less likely. */
  #isDecided([best]: readonly Prefix[]): boolean {
    const { beam: B, nBest, maxLength, lengthPenalty: alpha } = this.#settings;
    if (!best || this.#ended.length >= B) return true;
    const last = this.#ended[nBest - 1];
    return last !== undefined && best.score / lengthPenalty(maxLength + 1, alpha) <= last.rank;
  }
}

/** The longest beginning after which a text of listed words may end. */
function lastWhole(prefix: Prefix): Prefix {
  let whole = prefix;
  while (whole.before && whole.place && !whole.place.complete) whole = whole.before;
  return whole;
}

/** Gives what has the logit −∞ the weight 0, which softmax need not do to the last bit. @returns whether any is left */
function forbid(weights: Float32Array, logits: Float32Array): boolean {
  let isAnyLeft = false;
  for (let id = 0; id < weights.length; id++)
    if (logits[id] === Number.NEGATIVE_INFINITY) weights[id] = 0;
    else isAnyLeft = true;
  return isAnyLeft;
}
