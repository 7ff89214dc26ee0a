import type { Kernels } from "./kernels.js";
import type { Factors } from "./reference-precision.js";
import { Rows } from "./reference-rows.js";
import { Steps, StepsBack, sigmoid } from "./reference-steps.js";

/** Reference kernel of lstm_forward. */
export const lstmForward =
  (factors: Factors): Kernels["lstmForward"] =>
  ({ hs, cs, gates, hn, cn }, { h0, c0, weightHh, bias, ...input }, sizes) => {
    const { N, H } = sizes;
    const steps = new Steps(sizes, factors, input);
    const [h, c, g] = [new Rows(hs, H), new Rows(cs, H), new Rows(gates, 4 * H)];
    const [hLast, cLast, wHh, b] = [
      new Rows(hn, H),
      new Rows(cn, H),
      new Rows(weightHh, H, factors.weights),
      new Rows(bias, 4 * H),
    ];
    const [hFirst, cFirst] = [h0 && new Rows(h0, H), c0 && new Rows(c0, H)];
    for (const rows of [h, c, g]) rows.fill(0);
    for (let n = 0; n < N; n++) {
      for (let s = 0; s < steps.length(n); s++) {
        const at = steps.rowOf(n, s);
        for (let j = 0; j < H; j++) {
          const a = [0, 1, 2, 3].map((gate) => {
            const row = gate * H + j;
            let sum = b.at(0, row) + steps.project(n, at, row);
            for (let k = 0; k < H; k++) sum += steps.factor(h, hFirst, n, s, k) * wHh.at(row, k);
            return gate === 2 ? Math.tanh(sum) : sigmoid(sum);
          });
          const [i = 0, f = 0, gg = 0, o = 0] = a;
          for (const [gate, value] of a.entries()) g.set(at, gate * H + j, value);
          const cell = f * steps.before(c, cFirst, n, s, j) + i * gg;
          c.set(at, j, cell);
          h.set(at, j, o * Math.tanh(cell));
        }
      }
      const last = steps.rowOf(n, steps.length(n) - 1);
      for (let j = 0; j < H; j++) {
        hLast.set(n, j, h.at(last, j));
        cLast.set(n, j, c.at(last, j));
      }
    }
    return 0;
  };

/** Reference kernel of lstm_backward. */
export const lstmBackward =
  (factors: Factors): Kernels["lstmBackward"] =>
  (
    { gates, dh0, dc0, dweightHh, dbias, ...gradients },
    { dhs, dhn, dcn, hs, cs, h0, c0, weightHh, ...input },
    sizes,
  ) => {
    const { N, T, H } = sizes;
    const steps = new Steps(sizes, factors, input);
    const back = new StepsBack(steps, gradients);
    const [h, c, g] = [new Rows(hs, H), new Rows(cs, H), new Rows(gates, 4 * H)];
    const [wHh, dwHh, db] = [new Rows(weightHh, H, factors.weights), new Rows(dweightHh, H), new Rows(dbias, 4 * H)];
    const [hFirst, cFirst] = [h0 && new Rows(h0, H), c0 && new Rows(c0, H)];
    const [dhFirst, dcFirst] = [dh0 && new Rows(dh0, H), dc0 && new Rows(dc0, H)];
    const [dh, dhLast, dcLast] = [dhs && new Rows(dhs, H), dhn && new Rows(dhn, H), dcn && new Rows(dcn, H)];

    for (let n = 0; n < N; n++) {
      const length = steps.length(n);
      let dhNext = Float64Array.from({ length: H }, (_, j) => dhLast?.at(n, j) ?? 0);
      const dcNext = Float64Array.from({ length: H }, (_, j) => dcLast?.at(n, j) ?? 0);
      for (let s = length - 1; s >= 0; s--) {
        const at = steps.rowOf(n, s);
        const da = new Float64Array(4 * H);
        for (let j = 0; j < H; j++) {
          const [i, f, gg, o] = [g.at(at, j), g.at(at, H + j), g.at(at, 2 * H + j), g.at(at, 3 * H + j)];
          const tanhC = Math.tanh(c.at(at, j));
          const dhHere = (dhNext[j] ?? 0) + (dh?.at(at, j) ?? 0);
          const dc = (dcNext[j] ?? 0) + dhHere * o * (1 - tanhC * tanhC);
          da[j] = dc * gg * i * (1 - i);
          da[H + j] = dc * steps.before(c, cFirst, n, s, j) * f * (1 - f);
          da[2 * H + j] = dc * i * (1 - gg * gg);
          da[3 * H + j] = dhHere * tanhC * o * (1 - o);
          dcNext[j] = dc * f;
        }
        dhNext = new Float64Array(H);
        for (const [row, d] of da.entries()) {
          g.set(at, row, d);
          back.add(n, at, row, d);
          db.add(0, row, d);
          const factor = factors.number(d);
          for (let k = 0; k < H; k++) {
            dwHh.add(row, k, factor * steps.factor(h, hFirst, n, s, k));
            dhNext[k] = (dhNext[k] ?? 0) + factor * wHh.at(row, k);
          }
        }
      }
      for (let j = 0; j < H; j++) {
        dhFirst?.set(n, j, dhNext[j] ?? 0);
        dcFirst?.set(n, j, dcNext[j] ?? 0);
      }
      for (let t = length; t < T; t++) for (let row = 0; row < 4 * H; row++) g.set(n * T + t, row, 0);
    }
    for (const rows of [back, dwHh, db]) rows.finish();
    return 0;
  };
