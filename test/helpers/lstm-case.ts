import type { Random } from "../../src/engine/random.js";
import { type Desk, draw } from "./desk.js";
import { copies, type Results } from "./kernel-cases.js";

/** The sizes of one run of an LSTM kernel, and which of its optional arrays are there. */
export interface LSTMSizes {
  readonly N: number;
  readonly T: number;
  readonly D: number;
  readonly H: number;
  /** 0: no context. */
  readonly C: number;
  /** Rows of the table; 0: frames. */
  readonly V: number;
  readonly h0: boolean;
  readonly c0: boolean;
  readonly lengths: readonly number[] | undefined;
  readonly reverse: boolean;
  readonly dhs: boolean;
  readonly dhn: boolean;
  readonly dcn: boolean;
  /** Whether the gradients of xs or the table, context, h0 and c0 are asked for. */
  readonly dinputs: boolean;
}

export type LSTMArrays = ReturnType<typeof drawLstm>;

/** A case with frames and every gradient, but without the other optional arrays. */
export function lstmSizes(N: number, T: number, D: number, H: number, rest: Partial<LSTMSizes> = {}): LSTMSizes {
  const none = { C: 0, V: 0, h0: false, c0: false, lengths: undefined, reverse: false };
  return { ...{ N, T, D, H }, ...none, ...{ dhs: true, dhn: true, dcn: true, dinputs: true }, ...rest };
}

/** Every array that a case may need. What stands behind a row's length is NaN, or an id that no table has. */
export function drawLstm(random: Random, s: LSTMSizes) {
  const { N, T, D, H, C, V } = s;
  const weight = (columns: number): Float32Array => draw(random, 4 * H * columns, 2 / Math.sqrt(columns));
  const arrays = {
    ...{ xs: draw(random, N * T * D), context: draw(random, N * C), h0: draw(random, N * H), c0: draw(random, N * H) },
    ...{ weightIh: weight(C + D), weightHh: weight(H), bias: draw(random, 4 * H), table: draw(random, V * D) },
    ...{ dhs: draw(random, N * T * H), dhn: draw(random, N * H), dcn: draw(random, N * H) },
    ids: Int32Array.from({ length: N * T }, () => (V ? random.below(V) : 0)),
    lengths: Int32Array.from(s.lengths ?? []),
    /** What the gradients of the parameters hold before. */
    start: { dtable: draw(random, V * D), dweightIh: weight(C + D), dweightHh: weight(H), dbias: draw(random, 4 * H) },
  };
  s.lengths?.forEach((length, n) => {
    const [from, to] = [n * T + length, (n + 1) * T];
    arrays.xs.fill(Number.NaN, from * D, to * D);
    arrays.dhs.fill(Number.NaN, from * H, to * H);
    arrays.ids.fill(-(2 ** 31), from, to);
  });
  return arrays;
}

const kernelSizes = ({ reverse, N, T, D, C, H, V }: LSTMSizes) => ({ reverse: Number(reverse), N, T, D, C, H, V });

function forward(desk: Desk, s: LSTMSizes, arrays: LSTMArrays) {
  const { N, T, D, H, C, V } = s;
  const optional = (there: boolean, shape: number[], values: Float32Array) =>
    there ? desk.tensor(shape, values) : undefined;

  const reads = {
    xs: optional(V === 0, [N, T, D], arrays.xs),
    ids: V ? desk.ints([N, T], arrays.ids) : undefined,
    table: optional(V > 0, [V, D], arrays.table),
    context: optional(C > 0, [N, C], arrays.context),
    ...{ h0: optional(s.h0, [N, H], arrays.h0), c0: optional(s.c0, [N, H], arrays.c0) },
    weightIh: desk.tensor([4 * H, C + D], arrays.weightIh),
    weightHh: desk.tensor([4 * H, H], arrays.weightHh),
    bias: desk.tensor([4 * H], arrays.bias),
    lengths: s.lengths && desk.ints([N], arrays.lengths),
  };
  const [hs, cs, gates] = [desk.poison([N, T, H]), desk.poison([N, T, H]), desk.poison([N, T, 4 * H])];
  const outputs = { hs, cs, gates, hn: desk.poison([N, H]), cn: desk.poison([N, H]) };
  desk.call(Object.values(outputs), () => desk.backend.kernels.lstmForward(outputs, reads, kernelSizes(s)));
  return { reads, outputs };
}

/** Runs a case forward. */
export function runLstmForward(desk: Desk, s: LSTMSizes, arrays: LSTMArrays): Results {
  return copies(forward(desk, s, arrays).outputs);
}

/** Runs a case forward, then back. */
export function runLstm(desk: Desk, s: LSTMSizes, arrays: LSTMArrays): Results {
  const { N, T, D, H, C, V } = s;
  const optional = (there: boolean, shape: number[], values: Float32Array) =>
    there ? desk.tensor(shape, values) : undefined;
  const output = (there: boolean, shape: number[]) => (there ? desk.poison(shape) : undefined);
  const { reads, outputs } = forward(desk, s, arrays);
  const { hs, cs, gates } = outputs;
  const kept = copies(outputs);

  const gradients = {
    dxs: output(s.dinputs && V === 0, [N, T, D]),
    dtable: optional(s.dinputs && V > 0, [V, D], arrays.start.dtable),
    dcontext: output(s.dinputs && C > 0, [N, C]),
    ...{ dh0: output(s.dinputs && s.h0, [N, H]), dc0: output(s.dinputs && s.c0, [N, H]) },
    dweightIh: desk.tensor([4 * H, C + D], arrays.start.dweightIh),
    dweightHh: desk.tensor([4 * H, H], arrays.start.dweightHh),
    dbias: desk.tensor([4 * H], arrays.start.dbias),
  };
  const given = {
    dhs: optional(s.dhs, [N, T, H], arrays.dhs),
    ...{ dhn: optional(s.dhn, [N, H], arrays.dhn), dcn: optional(s.dcn, [N, H], arrays.dcn) },
  };
  desk.call([gates, ...Object.values(gradients)], () =>
    desk.backend.kernels.lstmBackward({ gates, ...gradients }, { ...reads, ...given, hs, cs }, kernelSizes(s)),
  );
  return { ...kept, ...copies({ dgates: gates, ...gradients }) };
}

/** One row of a batch as a case of its own. */
export function rowOf(s: LSTMSizes, arrays: LSTMArrays, n: number): [LSTMSizes, LSTMArrays] {
  const row = <A>(values: { readonly length: number; slice(from: number, to: number): A }): A => {
    const width = values.length / s.N;
    return values.slice(n * width, (n + 1) * width);
  };
  const length = s.lengths?.[n];
  const { xs, context, h0, c0, dhs, dhn, dcn, ids, lengths } = arrays;
  const rows = {
    xs: row(xs),
    context: row(context),
    h0: row(h0),
    c0: row(c0),
    dhs: row(dhs),
    dhn: row(dhn),
    dcn: row(dcn),
  };
  return [
    { ...s, N: 1, lengths: length === undefined ? undefined : [length] },
    { ...arrays, ...rows, ids: row(ids), lengths: row(lengths) },
  ];
}
