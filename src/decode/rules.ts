const NEVER = Number.NEGATIVE_INFINITY;

/** Constrained decoding: an automaton over tokens that limits the answers of a search, such as `AllowedWords`. */
export interface Constraint {
  /** State before the first token. */
  readonly start: ConstraintState;
}

/** A state of a constraint: the tokens that it allows next. */
export interface ConstraintState {
  /** Ids of the tokens that may come next, in lists that may overlap. */
  readonly allowed: readonly Int32Array[];
  /** True if the answer may end here. */
  readonly complete: boolean;
  /** State after one more token, which must be an allowed one. */
  after(id: number): ConstraintState;
}

/** The beginning of an answer as a linked list: a token, and the prefix before it. The first prefix is the start token. */
export interface Prefix {
  readonly before?: Prefix;
  readonly id: number;
  /** In tokens, without the start token. */
  readonly length: number;
  /** Natural logarithm of the probability of all its tokens. */
  readonly score: number;
  /** Row of `before` among the rows of its source. */
  readonly row: number;
  /** Attention weights (S) of the step that chose `id`. */
  readonly attention?: Float32Array | undefined;
  /** State of the constraint after `id`. */
  readonly state: ConstraintState | undefined;
}

/** Lists the prefixes of a prefix, from the one with one token to itself. */
export function stepsOf(prefix: Prefix): Prefix[] {
  const steps: Prefix[] = [];
  for (let step = prefix; step.before; step = step.before) steps.push(step);
  return steps.reverse();
}

/** Rules that all answers obey. */
export interface RuleOptions {
  /** Token that ends an answer; without one every answer has maxLength tokens. */
  readonly end: number | undefined;
  /** Tokens that are never produced. */
  readonly suppress: readonly number[];
  /** No n-gram of this size occurs twice. */
  readonly noRepeatNgram?: number | undefined;
  /** In tokens, not counting the end. */
  readonly minLength: number;
  /** In tokens, not counting the end. */
  readonly maxLength: number;
}

/** Sets the logits (V) of the tokens that may not follow a prefix to −∞. */
export function applyRules(logits: Float32Array, prefix: Prefix, rules: RuleOptions): void {
  const { end, suppress, noRepeatNgram, minLength, maxLength } = rules;
  const { length, state } = prefix;
  const mayEnd = length >= minLength && (state?.complete ?? true);
  const endLogit = end !== undefined && mayEnd ? (logits[end] ?? NEVER) : NEVER;
  if (length === maxLength) logits.fill(NEVER);
  else {
    if (state) keepOnly(logits, state.allowed);
    for (const id of suppress) logits[id] = NEVER;
    if (noRepeatNgram !== undefined) {
      const ids = stepsOf(prefix).map(({ id }) => id);
      for (const id of repeating(ids, noRepeatNgram)) logits[id] = NEVER;
    }
  }
  if (end !== undefined) logits[end] = endLogit;
}

function keepOnly(logits: Float32Array, lists: readonly Int32Array[]): void {
  const kept = logits.slice();
  logits.fill(NEVER);
  for (const ids of lists) for (const id of ids) logits[id] = kept[id] ?? NEVER;
}

/** Lists the ids that would repeat an n-gram: those that followed earlier occurrences of the last n − 1 ids. */
function* repeating(ids: readonly number[], n: number): Generator<number, void> {
  const tail = ids.length - (n - 1);
  for (let next = n - 1; next < ids.length; next++) {
    let same = 0;
    while (same < n - 1 && ids[next - (n - 1) + same] === ids[tail + same]) same++;
    if (same === n - 1) yield ids[next] ?? 0;
  }
}

/** Divisor of the log-probability of `length` tokens: ((5 + length) / 6)^α. Source: Wu et al. 2016, eq. 14. */
export function lengthPenalty(length: number, alpha: number): number {
  return ((5 + length) / 6) ** alpha;
}

const LEAST = 1e-10;

/**
 * β · Σ over positions of log min(Σ over steps of their attention, 1): 0 if the attention covers the whole source,
 * negative if it misses a part. A position with less than 1e-10 counts as 1e-10. Source: Wu et al. 2016, eq. 14.
 *
 * @param steps attention weights of each step, (T, S)
 */
export function coveragePenalty(steps: readonly Float32Array[], beta: number): number {
  let sum = 0;
  for (let s = 0; s < (steps[0]?.length ?? 0); s++) {
    const total = steps.reduce((seen, attention) => seen + (attention[s] ?? 0), 0);
    sum += Math.log(Math.min(Math.max(total, LEAST), 1));
  }
  return beta * sum;
}
