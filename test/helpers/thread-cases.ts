import {
  type AttentionRun,
  type AttentionSizes,
  attentionSizes,
  runAdditive,
  runAttend,
  runDot,
} from "./attention-case.js";
import type { Desk } from "./desk.js";
import { copies, type Results } from "./kernel-cases.js";
import { type LSTMSizes, lstmSizes, runLstm, runLstmForward } from "./lstm-case.js";
import { cellOf, linearBackward, linearForward, lstmOf, type OnceDrawn, some } from "./once-drawn.js";
import { pictureSizes, runConv2dBackward, runConv2dForward, runMaxPool } from "./picture-case.js";
import { gru, rnn, run, runForward, sizesOf } from "./recurrent-case.js";

// Work for eight threads: a kernel takes one more for each 100,000 multiplications, or what costs as much.
const state = { h0: true, c0: true };
const raggedTo = (T: number, N: number): number[] => Array.from({ length: N }, (_, n) => 1 + ((3 * n + 2) % T));

// How steps are divided: see run_recurrence in kernels/recurrent.h. With 8 threads by rows from 24 rows on, unless the
// weights are more than 512 KiB; by units a step has to be worth 8 threads by itself.
const recurrentSizes = {
  "by rows, ragged": sizesOf(25, 7, 9, 67, { h0: true, lengths: raggedTo(7, 25) }),
  "by rows, from a table, with a context": sizesOf(27, 5, 7, 85, { V: 13, C: 5 }),
  "by units, few rows, ragged, reversed": sizesOf(19, 3, 21, 203, {
    h0: true,
    lengths: raggedTo(3, 19),
    reverse: true,
  }),
} as const;

const lstmCases: Readonly<Record<string, LSTMSizes>> = {
  "by rows, ragged": lstmSizes(25, 7, 9, 37, { ...state, lengths: raggedTo(7, 25) }),
  "by rows, reversed": lstmSizes(26, 6, 5, 37, { ...state, reverse: true }),
  "by rows, from a table, with a context": lstmSizes(27, 5, 7, 41, { V: 13, C: 5 }),
  "by units, few rows, ragged": lstmSizes(19, 3, 21, 101, { ...state, lengths: raggedTo(3, 19) }),
  "by units, large weights": lstmSizes(25, 2, 33, 185, { h0: true }),
  "by units, large weights, from a table": lstmSizes(25, 2, 33, 185, { V: 5, C: 3, reverse: true }),
  // Sums over all places are worth 8 threads from 700,000 numbers on.
  "sums over a table and a context": lstmSizes(61, 37, 3, 79, { V: 11, C: 2, lengths: raggedTo(37, 61) }),
};

/** Sizes without packed weights: of at most 6 rows, or with int8 of any number. Divided by units. */
function few<S>(make: (N: number, T: number, D: number, H: number, rest: object) => S, D: number, H: number) {
  return Object.entries({
    "one row": make(1, 1, D, H, { ...state, C: 7 }),
    "one row, two steps": make(1, 2, D, H, state),
    "three rows, from a table": make(3, 1, D, H, { ...state, V: 11 }),
    "two ragged rows, reversed": make(2, 3, D, H, { ...state, lengths: [1, 3], reverse: true }),
  });
}
/** By cell: the fewer its gates, the larger it has to be. */
const fewLstm = few(lstmSizes, 301, 133);
const fewOf = new Map([
  [gru, few(sizesOf, 401, 133)],
  [rnn, few(sizesOf, 501, 259)],
]);
const manyOf = new Map([
  [gru, sizesOf(27, 28, 7, 41, { V: 13, C: 5 })],
  [rnn, sizesOf(27, 84, 7, 41, { V: 13, C: 5, lengths: raggedTo(84, 27) })],
]);

function crossEntropy(desk: Desk, R: number, V: number, smoothing: number): Results {
  const { kernels } = desk.backend;
  const targets = desk.ints(
    [R],
    Array.from({ length: R }, (_, r) => (7 * r) % V),
  );
  const reads = { logits: some(desk, [R, V]), targets };
  const [losses, lse, dlogits] = [desk.poison([R]), desk.poison([R]), desk.poison([R, V])];
  desk.call([losses, lse], () => kernels.crossEntropyForward({ losses, lse }, reads, { smoothing, R, V }));
  const sizes = { smoothing, scale: 0.5, R, V };
  desk.call([dlogits], () => kernels.crossEntropyBackward({ dlogits }, { ...reads, lse }, sizes));
  return copies({ losses, lse, dlogits });
}

function steps(desk: Desk): Results {
  const { kernels } = desk.backend;
  const [few, more, most] = [47_001, 181_001, 599 * 601]; // the cheaper an element, the more make work for 8 threads
  const [xs, grad, adamGrad] = [some(desk, [most]), some(desk, [more], 1), some(desk, [few], 2)];
  const sum = desk.call([], () => kernels.sumOfSquares({}, { xs }, { R: 599, D: 601 }));
  const [dropped, value] = [desk.poison([few]), some(desk, [more], 3)];
  const mask = { rate: 0.4, seed: 1, stream: 2, step: 3, R: few };
  desk.call([dropped], () => kernels.dropout({ ys: dropped }, { xs }, mask));
  desk.call([value, grad], () => kernels.sgd({ value, grad }, {}, { rate: 0.1, scale: 0.5, R: more, D: 1 }));
  const [adamValue, m, v] = [some(desk, [few], 4), some(desk, [few], 5), desk.filled([few], 0.25)];
  const writes = { value: adamValue, m, v, grad: adamGrad };
  const factors = { rate: 0.1, scale: 0.5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, bias1: 0.1, bias2: 0.001 };
  desk.call(Object.values(writes), () => kernels.adam(writes, {}, { ...factors, R: few }));
  return { ...copies({ dropped, value, adamValue, m, v }), sum: Float64Array.of(sum) };
}

const fewCases = [
  ...fewLstm.map(([name, s]) => lstmOf(name, s, runLstmForward)),
  ...[...fewOf].flatMap(([cell, all]) => all.slice(2).map(([name, s]) => cellOf(cell, name, s, runForward))),
  { name: "linear, one row", run: (desk: Desk) => linearForward(desk, [1, 1, 211, 7, 1009]) },
  { name: "linear, three rows", run: (desk: Desk) => linearForward(desk, [3, 1, 211, 0, 1009]) },
];

function elementwise(desk: Desk, name: "tanh" | "relu", R: number): Results {
  const { kernels } = desk.backend;
  const [ys, dxs] = [desk.poison([R]), desk.poison([R])];
  desk.call([ys], () => kernels[`${name}Forward`]({ ys }, { xs: some(desk, [R]) }, { R }));
  desk.call([dxs], () => kernels[`${name}Backward`]({ dxs }, { dys: some(desk, [R], 1), ys }, { R }));
  return copies({ ys, dxs });
}

/** Attention in a case that draws its numbers once. */
function attention(run: AttentionRun, sizes: AttentionSizes): OnceDrawn["run"] {
  return (desk) => {
    let from = 0;
    return run(desk, sizes, (shape) => some(desk, shape, from++));
  };
}
const attentions = attentionSizes(27, 5, 19, 301, raggedTo(19, 27));

/** Of every kernel that takes threads. */
export const floatCases: readonly OnceDrawn[] = [
  ...Object.entries(lstmCases).map(([name, s]) => lstmOf(name, s, runLstm)),
  ...[gru, rnn].flatMap((cell) => Object.entries(recurrentSizes).map(([name, s]) => cellOf(cell, name, s, run))),
  ...fewCases,
  { name: "linear, columns divided", run: (desk) => linearForward(desk, [9, 5, 131, 0, 137]) },
  { name: "linear, rows divided", run: (desk) => linearForward(desk, [67, 5, 61, 23, 41]) },
  { name: "linear backward, columns divided", run: (desk) => linearBackward(desk, [5, 9, 149, 131, 127]) },
  { name: "linear backward, rows divided", run: (desk) => linearBackward(desk, [67, 5, 61, 23, 137]) },
  { name: "linear backward, sums of many rows", run: (desk) => linearBackward(desk, [1801, 3, 1, 2, 137]) },
  { name: "cross-entropy", run: (desk) => crossEntropy(desk, 93, 1003, 0) },
  { name: "cross-entropy, smoothed", run: (desk) => crossEntropy(desk, 93, 1003, 0.1) },
  { name: "dot scores", run: attention(runDot, attentions) },
  { name: "additive scores", run: attention(runAdditive, attentions) },
  { name: "attend", run: attention(runAttend, attentions) },
  { name: "tanh", run: (desk) => elementwise(desk, "tanh", 181_001) },
  { name: "ReLU", run: (desk) => elementwise(desk, "relu", 360_001) },
  ...[pictureSizes(23, 11, 13, 17, 21, 3), pictureSizes(2, 9, 7, 133, 93, 3)].flatMap((sizes, i) => [
    { name: `convolution ${i + 1}`, run: (desk: Desk) => runConv2dForward(desk, sizes, (shape) => some(desk, shape)) },
    {
      name: `convolution ${i + 1} backward`,
      run: (desk: Desk) => runConv2dBackward(desk, sizes, true, (shape) => some(desk, shape)),
    },
  ]),
  { name: "max-pool", run: (desk) => runMaxPool(desk, [19, 33, 35, 17], (shape) => some(desk, shape)) },
  { name: "dropout, sum of squares, SGD, Adam", run: steps },
];

/** Forward with int8 weights. */
export const int8Cases: readonly OnceDrawn[] = [
  ...fewCases,
  lstmOf("by rows", lstmSizes(27, 21, 7, 41, { ...state, V: 13, C: 5 }), runLstmForward),
  ...[...manyOf].map(([cell, s]) => cellOf(cell, "by rows", s, runForward)),
  { name: "linear, many rows", run: (desk) => linearForward(desk, [11, 3, 211, 23, 1009]) },
];
