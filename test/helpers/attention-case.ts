import type { Ints, Tensor } from "../../src/engine/tensor.js";
import type { Desk } from "./desk.js";
import { copies, type Results } from "./kernel-cases.js";

export interface AttentionSizes {
  readonly N: number;
  readonly T: number;
  readonly S: number;
  /** Of queries and keys, and of values. */
  readonly A: number;
  readonly lengths: readonly number[] | undefined;
}

export function attentionSizes(N: number, T: number, S: number, A: number, lengths?: readonly number[]) {
  return { N, T, S, A, lengths } satisfies AttentionSizes;
}

export const nameOf = ({ N, T, S, A, lengths }: AttentionSizes): string =>
  `N ${N}, T ${T}, S ${S}, A ${A}${lengths ? ", ragged" : ""}`;

/** Where inputs come from: numbers in ±1. */
export type Draw = (shape: readonly number[]) => Tensor;

/** Forward and back. Behind each row's length all inputs are NaN. */
export type AttentionRun = (desk: Desk, sizes: AttentionSizes, draw?: Draw) => Results;

export const runDot: AttentionRun = (desk, sizes, draw) => {
  const { kernels } = desk.backend;
  const { reads, dscores, scores, dqueries, dkeys } = scored(desk, sizes, draw);
  desk.call([scores], () => kernels.dotScoresForward({ scores }, reads, sizes));
  desk.call([dqueries, dkeys], () => kernels.dotScoresBackward({ dqueries, dkeys }, { dscores, ...reads }, sizes));
  return copies({ scores, dqueries, dkeys });
};

export const runAdditive: AttentionRun = (desk, sizes, draw = uniformly(desk)) => {
  const { kernels } = desk.backend;
  const { reads, dscores, scores, dqueries, dkeys } = scored(desk, sizes, draw);
  const [vector, dvector] = [draw([sizes.A]), draw([sizes.A])];
  const [given, back] = [
    { ...reads, vector },
    { dqueries, dkeys, dvector },
  ];
  desk.call([scores], () => kernels.additiveScoresForward({ scores }, given, sizes));
  desk.call(Object.values(back), () => kernels.additiveScoresBackward(back, { dscores, ...given }, sizes));
  return copies({ scores, ...back });
};

/** Backward is given weights that are drawn, not those of forward: what it multiplies is the same on every backend. */
const runAttendIn =
  (inPlace: boolean): AttentionRun =>
  (desk, { N, T, S, A: H, lengths: given }, draw = uniformly(desk)) => {
    const { kernels } = desk.backend;
    const lengths = given && desk.ints([N], given);
    const [scores, drawn] = [spoiled(draw([N, T, S]), 2, lengths), spoiled(draw([N, T, S]), 2, lengths)];
    const [values, dcontexts] = [spoiled(draw([N, S, H]), 1, lengths), draw([N, T, H])];
    const [weights, contexts] = [inPlace ? scores : desk.poison([N, T, S]), desk.poison([N, T, H])];
    const [dscores, dvalues] = [desk.poison([N, T, S]), desk.poison([N, S, H])];
    const [sizes, reads] = [
      { N, T, S, H },
      { dcontexts, weights: drawn, values, lengths },
    ];
    desk.call([weights, contexts], () =>
      kernels.attendForward({ weights, contexts }, { scores, values, lengths }, { scale: 0.375, ...sizes }),
    );
    desk.call([dscores, dvalues], () =>
      kernels.attendBackward({ dscores, dvalues }, reads, { scale: 0.375, ...sizes }),
    );
    return copies({ weights, contexts, dscores, dvalues });
  };
export const runAttend = runAttendIn(false);
export const runAttendInPlace = runAttendIn(true);

const uniformly =
  (desk: Desk): Draw =>
  (shape) =>
    desk.uniform(shape);

function scored(desk: Desk, { N, T, S, A, lengths: given }: AttentionSizes, draw = uniformly(desk)) {
  const lengths = given && desk.ints([N], given);
  return {
    reads: { queries: draw([N, T, A]), keys: spoiled(draw([N, S, A]), 1, lengths), lengths },
    dscores: spoiled(draw([N, T, S]), 2, lengths),
    ...{ scores: desk.poison([N, T, S]), dqueries: desk.poison([N, T, A]), dkeys: desk.poison([N, S, A]) },
  };
}

/** The tensor, with NaN behind each row's length along one of its axes. */
function spoiled(tensor: Tensor, axis: 1 | 2, lengths: Ints | undefined): Tensor {
  const [, J = 0, K = 0] = tensor.shape;
  const { data } = tensor;
  for (let i = 0; lengths && i < data.length; i++) {
    const place = axis === 1 ? Math.floor(i / K) % J : i % K;
    if (place >= (lengths.data[Math.floor(i / (J * K))] ?? 0)) data[i] = Number.NaN;
  }
  return tensor;
}
