/** The K best continuations of a source's prefixes, best first; of equal ones the lower row's, then the lower id. */
export class Candidates {
  count = 0;
  readonly scores: Float64Array;
  /** Which row each goes on from. */
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

  /** Takes in every token of a row: `id` scores base + logits[id]. What has −∞ is never taken. Rows come in order. */
  addRow(row: number, logits: Float32Array, base: number): void {
    let least = this.#worst - base; // no logit up to it can be among the best: most tokens cost one comparison
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
    let place = this.count < scores.length ? this.count++ : scores.length - 1;
    for (; place > 0 && (scores[place - 1] ?? 0) < score; place--) {
      scores[place] = scores[place - 1] ?? 0;
      rows[place] = rows[place - 1] ?? 0;
      ids[place] = ids[place - 1] ?? 0;
    }
    scores[place] = score;
    rows[place] = row;
    ids[place] = id;
  }

  /** What a candidate must exceed. */
  get #worst(): number {
    const { scores, count } = this;
    return count < scores.length ? Number.NEGATIVE_INFINITY : (scores[count - 1] ?? Number.NEGATIVE_INFINITY);
  }
}
