import type { Ints, Tensor } from "../tensor.js";
import type { Kernels } from "./kernels.js";
import { Rows } from "./reference-rows.js";

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** What the two directions of a recurrent kernel share: where each step stands, and where its input is. */
export class Steps {
  readonly #lengths: Int32Array | undefined;
  readonly #ids: Int32Array | undefined;
  readonly #frames: Rows;

  constructor(
    readonly sizes: { reverse: number; T: number; D: number },
    arrays: { lengths?: Ints | undefined; ids?: Ints | undefined; xs?: Tensor | undefined; table?: Tensor | undefined },
  ) {
    this.#lengths = arrays.lengths?.data;
    this.#ids = arrays.ids?.data;
    const frames = arrays.xs ?? arrays.table;
    if (!frames) throw new TypeError("expected xs, or ids and table");
    this.#frames = new Rows(frames, sizes.D);
  }

  length(n: number): number {
    return this.#lengths?.[n] ?? this.sizes.T;
  }

  /** The place n·T + t of row n's step s. */
  place(n: number, s: number): number {
    return n * this.sizes.T + (this.sizes.reverse ? this.length(n) - 1 - s : s);
  }

  /** The row of the input at a place. */
  inputRow(place: number): number {
    return this.#ids?.[place] ?? place;
  }

  input(place: number, d: number): number {
    return this.#frames.at(this.inputRow(place), d);
  }
}

export const lstmForward: Kernels["lstmForward"] = (
  { hs, cs, gates, hn, cn },
  { xs, ids, table, context, h0, c0, weightIh, weightHh, bias, lengths },
  { reverse, N, T, D, C, H },
) => {
  const steps = new Steps({ reverse, T, D }, { lengths, ids, xs, table });
  const [h, c, g] = [new Rows(hs, H), new Rows(cs, H), new Rows(gates, 4 * H)];
  const [hLast, cLast, wIh, wHh, b] = [
    new Rows(hn, H),
    new Rows(cn, H),
    new Rows(weightIh, C + D),
    new Rows(weightHh, H),
    new Rows(bias, 4 * H),
  ];
  const [hFirst, cFirst, before] = [h0 && new Rows(h0, H), c0 && new Rows(c0, H), context && new Rows(context, C)];
  for (const rows of [h, c, g]) rows.fill(0);
  for (let n = 0; n < N; n++) {
    for (let s = 0; s < steps.length(n); s++) {
      const at = steps.place(n, s);
      const hBefore = (k: number): number => (s > 0 ? h.at(steps.place(n, s - 1), k) : (hFirst?.at(n, k) ?? 0));
      const cBefore = (k: number): number => (s > 0 ? c.at(steps.place(n, s - 1), k) : (cFirst?.at(n, k) ?? 0));
      for (let j = 0; j < H; j++) {
        const a = [0, 1, 2, 3].map((gate) => {
          const row = gate * H + j;
          let sum = b.at(0, row);
          for (let k = 0; k < C; k++) sum += (before?.at(n, k) ?? 0) * wIh.at(row, k);
          for (let k = 0; k < D; k++) sum += steps.input(at, k) * wIh.at(row, C + k);
          for (let k = 0; k < H; k++) sum += hBefore(k) * wHh.at(row, k);
          return gate === 2 ? Math.tanh(sum) : sigmoid(sum);
        });
        const [i = 0, f = 0, gg = 0, o = 0] = a;
        a.forEach((value, gate) => {
          g.set(at, gate * H + j, value);
        });
        const cell = f * cBefore(j) + i * gg;
        c.set(at, j, cell);
        h.set(at, j, o * Math.tanh(cell));
      }
    }
    const last = steps.place(n, steps.length(n) - 1);
    for (let j = 0; j < H; j++) {
      hLast.set(n, j, h.at(last, j));
      cLast.set(n, j, c.at(last, j));
    }
  }
  return 0;
};

export const lstmBackward: Kernels["lstmBackward"] = (
  { gates, dxs, dtable, dcontext, dh0, dc0, dweightIh, dweightHh, dbias },
  { dhs, dhn, dcn, hs, cs, xs, ids, table, context, h0, c0, weightIh, weightHh, lengths },
  { reverse, N, T, D, C, H },
) => {
  const steps = new Steps({ reverse, T, D }, { lengths, ids, xs, table });
  const [h, c, g] = [new Rows(hs, H), new Rows(cs, H), new Rows(gates, 4 * H)];
  const [wIh, wHh] = [new Rows(weightIh, C + D), new Rows(weightHh, H)];
  const [dwIh, dwHh, db] = [new Rows(dweightIh, C + D), new Rows(dweightHh, H), new Rows(dbias, 4 * H)];
  const [hFirst, cFirst, before] = [h0 && new Rows(h0, H), c0 && new Rows(c0, H), context && new Rows(context, C)];
  const [dh, dhLast, dcLast] = [dhs && new Rows(dhs, H), dhn && new Rows(dhn, H), dcn && new Rows(dcn, H)];
  const [dhFirst, dcFirst, dBefore] = [
    dh0 && new Rows(dh0, H),
    dc0 && new Rows(dc0, H),
    dcontext && new Rows(dcontext, C),
  ];
  const input = dxs ?? dtable;
  const dInput = input && new Rows(input, D);
  for (const rows of [dxs && dInput, dBefore]) rows?.fill(0);

  for (let n = 0; n < N; n++) {
    const length = steps.length(n);
    let dhNext = Array.from({ length: H }, (_, j) => dhLast?.at(n, j) ?? 0);
    const dcNext = Array.from({ length: H }, (_, j) => dcLast?.at(n, j) ?? 0);
    for (let s = length - 1; s >= 0; s--) {
      const at = steps.place(n, s);
      const da = new Float64Array(4 * H);
      for (let j = 0; j < H; j++) {
        const [i, f, gg, o] = [g.at(at, j), g.at(at, H + j), g.at(at, 2 * H + j), g.at(at, 3 * H + j)];
        const cBefore = s > 0 ? c.at(steps.place(n, s - 1), j) : (cFirst?.at(n, j) ?? 0);
        const tanhC = Math.tanh(c.at(at, j));
        const dhHere = (dhNext[j] ?? 0) + (dh?.at(at, j) ?? 0);
        const dc = (dcNext[j] ?? 0) + dhHere * o * (1 - tanhC * tanhC);
        da[j] = dc * gg * i * (1 - i);
        da[H + j] = dc * cBefore * f * (1 - f);
        da[2 * H + j] = dc * i * (1 - gg * gg);
        da[3 * H + j] = dhHere * tanhC * o * (1 - o);
        dcNext[j] = dc * f;
      }
      dhNext = Array.from({ length: H }, () => 0);
      da.forEach((d, row) => {
        g.set(at, row, d);
        db.add(0, row, d);
        for (let k = 0; k < C; k++) {
          dwIh.add(row, k, d * (before?.at(n, k) ?? 0));
          dBefore?.add(n, k, d * wIh.at(row, k));
        }
        for (let k = 0; k < D; k++) {
          dwIh.add(row, C + k, d * steps.input(at, k));
          dInput?.add(steps.inputRow(at), k, d * wIh.at(row, C + k));
        }
        for (let k = 0; k < H; k++) {
          dwHh.add(row, k, d * (s > 0 ? h.at(steps.place(n, s - 1), k) : (hFirst?.at(n, k) ?? 0)));
          dhNext[k] = (dhNext[k] ?? 0) + d * wHh.at(row, k);
        }
      });
    }
    for (let j = 0; j < H; j++) {
      dhFirst?.set(n, j, dhNext[j] ?? 0);
      dcFirst?.set(n, j, dcNext[j] ?? 0);
    }
    for (let t = length; t < T; t++) for (let row = 0; row < 4 * H; row++) g.set(n * T + t, row, 0);
  }
  for (const rows of [dInput, dBefore, dwIh, dwHh, db]) rows?.finish();
  return 0;
};
