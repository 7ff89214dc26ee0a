import type { Kernels } from "./kernels.js";
import type { Factors } from "./reference-precision.js";
import { Rows } from "./reference-rows.js";
import { Steps, StepsBack, sigmoid } from "./reference-steps.js";

/** Reference kernel of gru_forward. */
export const gruForward =
  (factors: Factors): Kernels["gruForward"] =>
  ({ hs, gates, qs, hn }, { h0, weightHh, biasIh, biasHh, ...input }, sizes) => {
    const { N, H } = sizes;
    const steps = new Steps(sizes, factors, input);
    const [h, g, q, hLast] = [new Rows(hs, H), new Rows(gates, 3 * H), new Rows(qs, H), new Rows(hn, H)];
    const [wHh, bIh, bHh] = [new Rows(weightHh, H, factors.weights), new Rows(biasIh, 3 * H), new Rows(biasHh, 3 * H)];
    const hFirst = h0 && new Rows(h0, H);
    for (const rows of [h, g, q]) rows.fill(0);
    for (let n = 0; n < N; n++) {
      for (let s = 0; s < steps.length(n); s++) {
        const at = steps.rowOf(n, s);
        const fromInput = (row: number): number => bIh.at(0, row) + steps.project(n, at, row);
        const fromState = (row: number): number => {
          let sum = bHh.at(0, row);
          for (let k = 0; k < H; k++) sum += steps.factor(h, hFirst, n, s, k) * wHh.at(row, k);
          return sum;
        };
        for (let j = 0; j < H; j++) {
          const r = sigmoid(fromInput(j) + fromState(j));
          const z = sigmoid(fromInput(H + j) + fromState(H + j));
          const hidden = fromState(2 * H + j);
          const candidate = Math.tanh(fromInput(2 * H + j) + r * hidden);
          for (const [gate, value] of [r, z, candidate].entries()) g.set(at, gate * H + j, value);
          q.set(at, j, hidden);
          h.set(at, j, (1 - z) * candidate + z * steps.before(h, hFirst, n, s, j));
        }
      }
      for (let j = 0; j < H; j++) hLast.set(n, j, h.at(steps.rowOf(n, steps.length(n) - 1), j));
    }
    return 0;
  };

/** Reference kernel of gru_backward. */
export const gruBackward =
  (factors: Factors): Kernels["gruBackward"] =>
  ({ gates, qs, dh0, dweightHh, dbiasIh, dbiasHh, ...gradients }, { dhs, dhn, hs, h0, weightHh, ...input }, sizes) => {
    const { N, T, H } = sizes;
    const steps = new Steps(sizes, factors, input);
    const back = new StepsBack(steps, gradients);
    const [h, g, q, wHh] = [
      new Rows(hs, H),
      new Rows(gates, 3 * H),
      new Rows(qs, H),
      new Rows(weightHh, H, factors.weights),
    ];
    const [dwHh, dbIh, dbHh] = [new Rows(dweightHh, H), new Rows(dbiasIh, 3 * H), new Rows(dbiasHh, 3 * H)];
    const [hFirst, dhFirst] = [h0 && new Rows(h0, H), dh0 && new Rows(dh0, H)];
    const [dh, dhLast] = [dhs && new Rows(dhs, H), dhn && new Rows(dhn, H)];

    for (let n = 0; n < N; n++) {
      const length = steps.length(n);
      const dhNext = Float64Array.from({ length: H }, (_, j) => dhLast?.at(n, j) ?? 0);
      for (let s = length - 1; s >= 0; s--) {
        const at = steps.rowOf(n, s);
        const [da, db] = [new Float64Array(3 * H), new Float64Array(3 * H)]; // gradients of a and b in gru.ts
        for (let j = 0; j < H; j++) {
          const [r, z, candidate] = [g.at(at, j), g.at(at, H + j), g.at(at, 2 * H + j)];
          const dhHere = (dhNext[j] ?? 0) + (dh?.at(at, j) ?? 0);
          const dn = dhHere * (1 - z) * (1 - candidate ** 2);
          const dr = dn * q.at(at, j) * r * (1 - r);
          const dz = dhHere * (steps.before(h, hFirst, n, s, j) - candidate) * z * (1 - z);
          for (const [gate, d] of [dr, dz, dn].entries()) da[gate * H + j] = d;
          for (const [gate, d] of [dr, dz, dn * r].entries()) db[gate * H + j] = d;
          dhNext[j] = dhHere * z;
        }
        for (const [row, d] of da.entries()) {
          g.set(at, row, d);
          back.add(n, at, row, d);
          dbIh.add(0, row, d);
        }
        for (const [row, d] of db.entries()) {
          if (row >= 2 * H) q.set(at, row - 2 * H, d);
          dbHh.add(0, row, d);
          const factor = factors.number(d);
          for (let k = 0; k < H; k++) {
            dwHh.add(row, k, factor * steps.factor(h, hFirst, n, s, k));
            dhNext[k] = (dhNext[k] ?? 0) + factor * wHh.at(row, k);
          }
        }
      }
      for (const [j, d] of dhNext.entries()) dhFirst?.set(n, j, d);
      for (let t = length; t < T; t++) {
        for (let row = 0; row < 3 * H; row++) g.set(n * T + t, row, 0);
        for (let j = 0; j < H; j++) q.set(n * T + t, j, 0);
      }
    }
    for (const rows of [back, dwHh, dbIh, dbHh]) rows.finish();
    return 0;
  };
