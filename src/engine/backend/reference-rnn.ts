import type { Kernels } from "./kernels.js";
import type { Factors } from "./reference-precision.js";
import { Rows } from "./reference-rows.js";
import { Steps, StepsBack } from "./reference-steps.js";

/** Reference kernel of rnn_forward. */
export const rnnForward =
  (factors: Factors): Kernels["rnnForward"] =>
  ({ hs, hn }, { h0, weightHh, bias, ...input }, sizes) => {
    const { N, H } = sizes;
    const steps = new Steps(sizes, factors, input);
    const [h, hLast, wHh, b] = [
      new Rows(hs, H),
      new Rows(hn, H),
      new Rows(weightHh, H, factors.weights),
      new Rows(bias, H),
    ];
    const hFirst = h0 && new Rows(h0, H);
    h.fill(0);
    for (let n = 0; n < N; n++) {
      for (let s = 0; s < steps.length(n); s++) {
        const at = steps.rowOf(n, s);
        for (let j = 0; j < H; j++) {
          let sum = b.at(0, j) + steps.project(n, at, j);
          for (let k = 0; k < H; k++) sum += steps.factor(h, hFirst, n, s, k) * wHh.at(j, k);
          h.set(at, j, Math.tanh(sum));
        }
      }
      for (let j = 0; j < H; j++) hLast.set(n, j, h.at(steps.rowOf(n, steps.length(n) - 1), j));
    }
    return 0;
  };

/** Reference kernel of rnn_backward. */
export const rnnBackward =
  (factors: Factors): Kernels["rnnBackward"] =>
  ({ dh0, dweightHh, dbias, ...gradients }, { dhs, dhn, hs, h0, weightHh, ...input }, sizes) => {
    const { N, H } = sizes;
    const steps = new Steps(sizes, factors, input);
    const back = new StepsBack(steps, gradients);
    const [h, wHh, dwHh, db] = [
      new Rows(hs, H),
      new Rows(weightHh, H, factors.weights),
      new Rows(dweightHh, H),
      new Rows(dbias, H),
    ];
    const [hFirst, dhFirst] = [h0 && new Rows(h0, H), dh0 && new Rows(dh0, H)];
    const [dh, dhLast] = [dhs && new Rows(dhs, H), dhn && new Rows(dhn, H)];

    for (let n = 0; n < N; n++) {
      let dhNext = Float64Array.from({ length: H }, (_, j) => dhLast?.at(n, j) ?? 0);
      for (let s = steps.length(n) - 1; s >= 0; s--) {
        const at = steps.rowOf(n, s);
        const da = dhNext.map((next, j) => (next + (dh?.at(at, j) ?? 0)) * (1 - h.at(at, j) ** 2));
        dhNext = new Float64Array(H);
        for (const [j, d] of da.entries()) {
          back.add(n, at, j, d);
          db.add(0, j, d);
          const factor = factors.number(d);
          for (let k = 0; k < H; k++) {
            dwHh.add(j, k, factor * steps.factor(h, hFirst, n, s, k));
            dhNext[k] = (dhNext[k] ?? 0) + factor * wHh.at(j, k);
          }
        }
      }
      for (const [j, d] of dhNext.entries()) dhFirst?.set(n, j, d);
    }
    for (const rows of [back, dwHh, db]) rows.finish();
    return 0;
  };
