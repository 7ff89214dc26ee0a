import { Random } from "../../src/engine/random.js";
import { type Desk, draw, size } from "./desk.js";
import { copies, type Results } from "./kernel-cases.js";
import { drawLstm, type LSTMSizes, type runLstm } from "./lstm-case.js";
import { type Cell, drawArrays, type RecurrentSizes, type run } from "./recurrent-case.js";

/** A case that draws its numbers once, however often and wherever it runs: that takes longer than a kernel. */
export interface OnceDrawn {
  readonly name: string;
  readonly run: (desk: Desk) => Results;
}

export function lstmOf(name: string, s: LSTMSizes, runner: typeof runLstm): OnceDrawn {
  let arrays: ReturnType<typeof drawLstm> | undefined;
  return {
    name: `LSTM ${name}`,
    run(desk) {
      arrays ??= drawLstm(new Random(1), s);
      return runner(desk, s, arrays);
    },
  };
}

export function cellOf(cell: Cell, name: string, s: RecurrentSizes, runner: typeof run): OnceDrawn {
  let arrays: ReturnType<typeof drawArrays> | undefined;
  return {
    name: `${cell.name.toUpperCase()} ${name}`,
    run(desk) {
      arrays ??= drawArrays(cell, new Random(1), s);
      return runner(cell, desk, s, arrays);
    },
  };
}

/** As many numbers as any kernel below is given, in ±1. */
let numbers: Float32Array | undefined;
export function some(desk: Desk, shape: readonly number[], from = 0) {
  numbers ??= draw(new Random(2), 2 ** 20);
  return desk.tensor(shape, numbers.subarray(from, from + size(shape)));
}

export type LinearSizes = readonly [N: number, T: number, D: number, C: number, O: number];

export function linearForward(desk: Desk, [N, T, D, C, O]: LinearSizes): Results {
  const reads = {
    ...{ xs: some(desk, [N, T, D]), context: C ? some(desk, [N, C], 7) : undefined },
    ...{ weight: some(desk, [O, C + D], 11), bias: some(desk, [O], 5) },
  };
  const ys = desk.poison([N, T, O]);
  desk.call([ys], () => desk.backend.kernels.linearForward({ ys }, reads, { N, T, D, C, O }));
  return copies({ ys });
}

export function linearBackward(desk: Desk, [N, T, D, C, O]: LinearSizes): Results {
  const reads = {
    ...{ dys: some(desk, [N, T, O], 3), xs: some(desk, [N, T, D]), context: C ? some(desk, [N, C], 7) : undefined },
    weight: some(desk, [O, C + D], 11),
  };
  const writes = {
    ...{ dxs: desk.poison([N, T, D]), dcontext: C ? desk.poison([N, C]) : undefined },
    ...{ dweight: some(desk, [O, C + D], 1), dbias: some(desk, [O]) },
  };
  desk.call(Object.values(writes), () => desk.backend.kernels.linearBackward(writes, reads, { N, T, D, C, O }));
  return copies(writes);
}
