import type { Ints, Tensor } from "../tensor.js";
import type { Kernels } from "./kernels.js";
import type { Factors } from "./reference-precision.js";
import { Rows } from "./reference-rows.js";

type AttentionKernel = `${"dotScores" | "additiveScores" | "attend"}${"Forward" | "Backward"}`;

/** Reference kernels of attention over S keys and values. */
export const attention = ({ number }: Factors): Pick<Kernels, AttentionKernel> => ({
  dotScoresForward({ scores }, { queries, keys, lengths }, { N, T, S, A }) {
    const [e, q, k] = [zeroed(scores, S), new Rows(queries, A), new Rows(keys, A)];
    for (const [n, t, s] of positions(N, T, S, lengths))
      for (let a = 0; a < A; a++) e.add(n * T + t, s, number(q.at(n * T + t, a)) * number(k.at(n * S + s, a)));
    e.finish();
    return 0;
  },

  dotScoresBackward({ dqueries, dkeys }, { dscores, queries, keys, lengths }, { N, T, S, A }) {
    const [q, k, de] = [new Rows(queries, A), new Rows(keys, A), new Rows(dscores, S)];
    const [dq, dk] = [zeroed(dqueries, A), zeroed(dkeys, A)];
    for (const [n, t, s] of positions(N, T, S, lengths)) {
      const d = number(de.at(n * T + t, s));
      for (let a = 0; a < A; a++) {
        dq.add(n * T + t, a, d * number(k.at(n * S + s, a)));
        dk.add(n * S + s, a, d * number(q.at(n * T + t, a)));
      }
    }
    for (const rows of [dq, dk]) rows.finish();
    return 0;
  },

  additiveScoresForward({ scores }, { queries, keys, vector, lengths }, { N, T, S, A }) {
    const [e, q, k, v] = [zeroed(scores, S), new Rows(queries, A), new Rows(keys, A), new Rows(vector, A)];
    for (const [n, t, s] of positions(N, T, S, lengths))
      for (let a = 0; a < A; a++) e.add(n * T + t, s, v.at(0, a) * Math.tanh(q.at(n * T + t, a) + k.at(n * S + s, a)));
    e.finish();
    return 0;
  },

  additiveScoresBackward({ dqueries, dkeys, dvector }, { dscores, queries, keys, vector, lengths }, { N, T, S, A }) {
    const [q, k, v, de] = [new Rows(queries, A), new Rows(keys, A), new Rows(vector, A), new Rows(dscores, S)];
    const [dq, dk, dv] = [zeroed(dqueries, A), zeroed(dkeys, A), new Rows(dvector, A)];
    for (const [n, t, s] of positions(N, T, S, lengths)) {
      const d = de.at(n * T + t, s);
      for (let a = 0; a < A; a++) {
        const y = Math.tanh(q.at(n * T + t, a) + k.at(n * S + s, a));
        dv.add(0, a, d * y);
        dq.add(n * T + t, a, d * v.at(0, a) * (1 - y * y));
        dk.add(n * S + s, a, d * v.at(0, a) * (1 - y * y));
      }
    }
    for (const rows of [dq, dk, dv]) rows.finish();
    return 0;
  },

  attendForward({ weights, contexts }, { scores, values, lengths }, { scale, N, T, S, H }) {
    const [e, w] = [new Rows(scores, S), new Rows(weights, S)];
    const [x, y] = [new Rows(values, H), zeroed(contexts, H)];
    for (let r = 0; r < N * T; r++) {
      const n = Math.floor(r / T);
      const length = lengths?.data[n] ?? S;
      const row = Array.from({ length }, (_, s) => scale * e.at(r, s));
      const most = row.reduce((a, b) => Math.max(a, b));
      const total = row.reduce((sum, score) => sum + Math.exp(score - most), 0);
      for (let s = 0; s < S; s++) w.set(r, s, s < length ? Math.exp((row[s] ?? Number.NaN) - most) / total : 0);
      for (let s = 0; s < length; s++)
        for (let h = 0; h < H; h++) y.add(r, h, number(w.at(r, s)) * number(x.at(n * S + s, h)));
    }
    y.finish();
    return 0;
  },

  attendBackward({ dscores, dvalues }, { dcontexts, weights, values, lengths }, { scale, N, T, S, H }) {
    const [dy, w, x] = [new Rows(dcontexts, H), new Rows(weights, S), new Rows(values, H)];
    const [de, dx] = [zeroed(dscores, S), zeroed(dvalues, H)];
    for (let r = 0; r < N * T; r++) {
      const n = Math.floor(r / T);
      const length = lengths?.data[n] ?? S;
      const dw = Array.from({ length }, (_, s) => {
        let sum = 0;
        for (let h = 0; h < H; h++) {
          const d = number(dy.at(r, h));
          sum += d * number(x.at(n * S + s, h));
          dx.add(n * S + s, h, number(w.at(r, s)) * d);
        }
        return sum;
      });
      const mean = dw.reduce((sum, d, s) => sum + w.at(r, s) * d, 0);
      for (const [s, d] of dw.entries()) de.set(r, s, scale * w.at(r, s) * (d - mean));
    }
    dx.finish();
    return 0;
  },
});

/** All triples of a sequence n, a step t and a source position s within the sequence's length. */
function* positions(N: number, T: number, S: number, lengths: Ints | undefined) {
  for (let n = 0; n < N; n++)
    for (let t = 0; t < T; t++) for (let s = 0; s < (lengths?.data[n] ?? S); s++) yield [n, t, s] as const;
}

/** Rows of an output, set to zero. */
function zeroed(tensor: Tensor, width: number): Rows {
  const rows = new Rows(tensor, width);
  rows.fill(0);
  return rows;
}
