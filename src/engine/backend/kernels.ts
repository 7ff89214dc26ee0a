import type { Ints, Tensor } from "../tensor.js";

/**
 * Signatures of the kernels, the same as in kernels/kernels.h, where their shapes and formulas are. The arguments of a
 * kernel are the arrays that it sets or adds to, the arrays that it reads, then sizes; `?` marks an optional array. The
 * backend supplies the `extra` arguments: a scratch buffer, the number of threads, and whether weights are int8.
 */
export const signatures = {
  linearForward: {
    writes: ["ys"],
    reads: ["xs", "context?", "weight", "bias?"],
    sizes: ["N", "T", "D", "C", "O"],
    extra: ["scratch", "threads", "int8"],
  },
  linearBackward: {
    writes: ["dxs?", "dcontext?", "dweight", "dbias?"],
    reads: ["dys", "xs", "context?", "weight"],
    sizes: ["N", "T", "D", "C", "O"],
    extra: ["scratch", "threads"],
  },
  embeddingForward: { writes: ["ys"], reads: ["ids", "weight"], sizes: ["R", "D"], extra: [] },
  embeddingBackward: { writes: ["dweight"], reads: ["dys", "ids"], sizes: ["R", "D"], extra: [] },
  quantize: { writes: ["packed"], reads: ["weight"], sizes: ["G", "O", "K"], extra: [] },
  lstmForward: {
    writes: ["hs", "cs", "gates", "hn", "cn"],
    reads: ["xs?", "ids?", "table?", "context?", "h0?", "c0?", "weightIh", "weightHh", "bias", "lengths?"],
    sizes: ["reverse", "N", "T", "D", "C", "H", "V"],
    extra: ["scratch", "threads", "int8"],
  },
  lstmBackward: {
    writes: ["gates", "dxs?", "dtable?", "dcontext?", "dh0?", "dc0?", "dweightIh", "dweightHh", "dbias"],
    reads: [
      ...["dhs?", "dhn?", "dcn?", "hs", "cs", "xs?", "ids?", "table?", "context?", "h0?", "c0?"],
      ...["weightIh", "weightHh", "lengths?"],
    ],
    sizes: ["reverse", "N", "T", "D", "C", "H", "V"],
    extra: ["scratch", "threads"],
  },
  gruForward: {
    writes: ["hs", "gates", "qs", "hn"],
    reads: ["xs?", "ids?", "table?", "context?", "h0?", "weightIh", "weightHh", "biasIh", "biasHh", "lengths?"],
    sizes: ["reverse", "N", "T", "D", "C", "H", "V"],
    extra: ["scratch", "threads", "int8"],
  },
  gruBackward: {
    writes: ["gates", "qs", "dxs?", "dtable?", "dcontext?", "dh0?", "dweightIh", "dweightHh", "dbiasIh", "dbiasHh"],
    reads: ["dhs?", "dhn?", "hs", "xs?", "ids?", "table?", "context?", "h0?", "weightIh", "weightHh", "lengths?"],
    sizes: ["reverse", "N", "T", "D", "C", "H", "V"],
    extra: ["scratch", "threads"],
  },
  rnnForward: {
    writes: ["hs", "hn"],
    reads: ["xs?", "ids?", "table?", "context?", "h0?", "weightIh", "weightHh", "bias", "lengths?"],
    sizes: ["reverse", "N", "T", "D", "C", "H", "V"],
    extra: ["scratch", "threads", "int8"],
  },
  rnnBackward: {
    writes: ["dxs?", "dtable?", "dcontext?", "dh0?", "dweightIh", "dweightHh", "dbias"],
    reads: ["dhs?", "dhn?", "hs", "xs?", "ids?", "table?", "context?", "h0?", "weightIh", "weightHh", "lengths?"],
    sizes: ["reverse", "N", "T", "D", "C", "H", "V"],
    extra: ["scratch", "threads"],
  },
  dotScoresForward: {
    writes: ["scores"],
    reads: ["queries", "keys", "lengths?"],
    sizes: ["N", "T", "S", "A"],
    extra: ["scratch", "threads"],
  },
  dotScoresBackward: {
    writes: ["dqueries", "dkeys"],
    reads: ["dscores", "queries", "keys", "lengths?"],
    sizes: ["N", "T", "S", "A"],
    extra: ["scratch", "threads"],
  },
  additiveScoresForward: {
    writes: ["scores"],
    reads: ["queries", "keys", "vector", "lengths?"],
    sizes: ["N", "T", "S", "A"],
    extra: ["threads"],
  },
  additiveScoresBackward: {
    writes: ["dqueries", "dkeys", "dvector"],
    reads: ["dscores", "queries", "keys", "vector", "lengths?"],
    sizes: ["N", "T", "S", "A"],
    extra: ["threads"],
  },
  attendForward: {
    writes: ["weights", "contexts"],
    reads: ["scores", "values", "lengths?"],
    sizes: ["scale", "N", "T", "S", "H"],
    extra: ["scratch", "threads"],
  },
  attendBackward: {
    writes: ["dscores", "dvalues"],
    reads: ["dcontexts", "weights", "values", "lengths?"],
    sizes: ["scale", "N", "T", "S", "H"],
    extra: ["scratch", "threads"],
  },
  crossEntropyForward: {
    writes: ["losses", "lse"],
    reads: ["logits", "targets", "weights?"],
    sizes: ["smoothing", "R", "V"],
    extra: ["threads"],
  },
  crossEntropyBackward: {
    writes: ["dlogits"],
    reads: ["logits", "lse", "targets", "weights?"],
    sizes: ["smoothing", "scale", "R", "V"],
    extra: ["threads"],
  },
  softmax: { writes: ["ys"], reads: ["xs"], sizes: ["temperature", "R", "V"], extra: [] },
  argmax: { writes: ["ids"], reads: ["logits"], sizes: ["R", "V"], extra: [] },
  dropout: {
    writes: ["ys"],
    reads: ["xs"],
    sizes: ["rate", "seed", "stream", "step", "R"],
    extra: ["threads"],
  },
  copyColumns: { writes: ["ys"], reads: ["xs"], sizes: ["R", "O", "to", "D", "from", "columns"], extra: [] },
  tanhForward: { writes: ["ys"], reads: ["xs"], sizes: ["R"], extra: ["threads"] },
  tanhBackward: { writes: ["dxs"], reads: ["dys", "ys"], sizes: ["R"], extra: ["threads"] },
  reluForward: { writes: ["ys"], reads: ["xs"], sizes: ["R"], extra: ["threads"] },
  reluBackward: { writes: ["dxs"], reads: ["dys", "ys"], sizes: ["R"], extra: ["threads"] },
  conv2dForward: {
    writes: ["ys"],
    reads: ["xs", "weight", "bias"],
    sizes: ["N", "Y", "X", "C", "O", "K"],
    extra: ["scratch", "threads"],
  },
  conv2dBackward: {
    writes: ["dxs?", "dweight", "dbias"],
    reads: ["dys", "xs", "weight"],
    sizes: ["N", "Y", "X", "C", "O", "K"],
    extra: ["scratch", "threads"],
  },
  maxPoolForward: { writes: ["ys"], reads: ["xs"], sizes: ["N", "Y", "X", "C"], extra: ["threads"] },
  maxPoolBackward: { writes: ["dxs"], reads: ["dys", "xs"], sizes: ["N", "Y", "X", "C"], extra: ["threads"] },
  accumulate: { writes: ["ys"], reads: ["xs"], sizes: ["R"], extra: [] },
  sumOfSquares: { writes: [], reads: ["xs", "ids?"], sizes: ["R", "D"], extra: ["scratch", "threads"] },
  sgd: { writes: ["value", "grad"], reads: ["ids?"], sizes: ["rate", "scale", "R", "D"], extra: ["threads"] },
  adam: {
    writes: ["value", "m", "v", "grad"],
    reads: [],
    sizes: ["rate", "scale", "beta1", "beta2", "epsilon", "bias1", "bias2", "R"],
    extra: ["threads"],
  },
} as const satisfies Record<string, Signature>;

interface Signature {
  readonly writes: readonly string[];
  readonly reads: readonly string[];
  readonly sizes: readonly string[];
  readonly extra: readonly ("scratch" | "threads" | "int8")[];
}

type Signatures = typeof signatures;
/** Name of a kernel. */
export type KernelName = keyof Signatures;

type ArrayOf<Name extends string> = Name extends "ids" | "targets" | "lengths" ? Ints : Tensor;
type Base<Name extends string> = Name extends `${infer Plain}?` ? Plain : Name;
type Arrays<Names extends readonly string[]> = {
  [Name in Names[number] as Name extends `${string}?` ? never : Name]: ArrayOf<Name>;
} & { [Name in Names[number] as Name extends `${infer Plain}?` ? Plain : never]?: ArrayOf<Base<Name>> | undefined };

/** The kernels as functions of the arrays they write, the arrays they read, and sizes. Each returns its result in C. */
export type Kernels = {
  readonly [Name in KernelName]: (
    writes: Arrays<Signatures[Name]["writes"]>,
    reads: Arrays<Signatures[Name]["reads"]>,
    sizes: Readonly<Record<Signatures[Name]["sizes"][number], number>>,
  ) => number;
};

/** The name of a kernel in C: `lstm_forward` for `lstmForward`. */
export function nameInC(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
