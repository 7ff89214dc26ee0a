import type { Random } from "../../src/engine/random.js";
import type { Tolerance } from "./close.js";
import { type Desk, draw } from "./desk.js";
import { copies, type KernelCase, type Results } from "./kernel-cases.js";

/** The sizes of one run of a recurrent kernel, and which of its optional arrays are there. */
export interface RecurrentSizes {
  readonly N: number;
  readonly T: number;
  readonly D: number;
  readonly H: number;
  /** 0: no context. */
  readonly C: number;
  /** Rows of the table; 0: frames. */
  readonly V: number;
  readonly h0: boolean;
  readonly lengths: readonly number[] | undefined;
  readonly reverse: boolean;
  readonly dhs: boolean;
  readonly dhn: boolean;
  /** Whether the gradients of xs or the table, context and h0 are asked for. */
  readonly dinputs: boolean;
}

/** What sets a recurrent kernel apart from others. Widths are in multiples of H. */
export interface Cell {
  /** Of its kernels: gruForward, gruBackward. */
  readonly name: "gru" | "rnn";
  readonly gates: number;
  readonly biases: readonly string[];
  /** What forward keeps besides the states, and backward turns into gradients. */
  readonly kept: Readonly<Record<string, number>>;
}

export const gru: Cell = { name: "gru", gates: 3, biases: ["biasIh", "biasHh"], kept: { gates: 3, qs: 1 } };
export const rnn: Cell = { name: "rnn", gates: 1, biases: ["bias"], kept: {} };

/** A case with frames and every gradient, but without the other optional arrays. */
export function sizesOf(
  N: number,
  T: number,
  D: number,
  H: number,
  rest: Partial<RecurrentSizes> = {},
): RecurrentSizes {
  const none = { C: 0, V: 0, h0: false, lengths: undefined, reverse: false };
  return { ...{ N, T, D, H }, ...none, ...{ dhs: true, dhn: true, dinputs: true }, ...rest };
}

export const ragged = [3, 1, 4, 2, 4, 1, 3];

/** Sizes at the edges of tiles, of one to six rows and of 4, 8 or 16 units, and sums of more than 256 products. */
const shapes: Readonly<Record<string, RecurrentSizes>> = {
  "one unit, one step": sizesOf(1, 1, 1, 1),
  "one unit, four steps": sizesOf(2, 4, 1, 1, { h0: true, C: 1 }),
  "7 units": sizesOf(5, 4, 3, 7, { h0: true }),
  "16 units, six rows": sizesOf(6, 4, 5, 16, { h0: true }),
  "17 units, seven ragged rows": sizesOf(7, 4, 16, 17, { h0: true, lengths: ragged }),
  "64 units, 13 rows, one step": sizesOf(13, 1, 7, 64, { h0: true }),
  "65 units, context": sizesOf(2, 4, 17, 65, { h0: true, C: 33 }),
  "100 units, four steps from zeros": sizesOf(5, 4, 13, 100),
  "100 units, seven ragged rows, reversed": sizesOf(7, 4, 100, 100, { h0: true, lengths: ragged, reverse: true }),
  "130 units": sizesOf(3, 2, 5, 130, { h0: true }),
  "a table of one row": sizesOf(5, 4, 3, 7, { V: 1 }),
  "a table of 13 rows, context": sizesOf(6, 4, 16, 64, { h0: true, V: 13, C: 64 }),
  "a table of 33 rows, ragged": sizesOf(7, 4, 17, 65, { V: 33, C: 7, lengths: ragged }),
  "sums over 300 inputs and 290 of a context": sizesOf(2, 2, 300, 7, { C: 290 }),
  "sums over 600 places": sizesOf(120, 5, 3, 5, { h0: true, C: 2 }),
  "sums over 300 rows": sizesOf(300, 1, 3, 5, { h0: true, C: 2 }),
  "a table of 10,000 rows": sizesOf(3, 2, 5, 7, { V: 10_000 }),
};

/** Every combination of what may be there, at sizes that differ pairwise. */
const combinations = [0, 4].flatMap((V) =>
  [0, 2].flatMap((C) =>
    [{}, { h0: true }].flatMap((start) =>
      [{}, { lengths: [3, 1, 6, 2, 6] }].flatMap((padding) =>
        [{}, { reverse: true }].flatMap((direction) =>
          [{}, { dhn: false }, { dhs: false }, { dhn: false, dinputs: false }].map((gradients) => {
            const given = { ...start, ...padding, ...direction };
            const without = Object.keys(gradients).map((name) => `no ${name}`);
            const words = [V ? "ids" : "frames", ...(C ? ["context"] : []), ...Object.keys(given), ...without];
            return [words.join(", "), sizesOf(5, 6, 3, 7, { V, C, ...given, ...gradients })] as const;
          }),
        ),
      ),
    ),
  ),
);

/**
 * A gate is a function with a slope of at most 1 of a sum of K = C + D + H products of order one: it errs by about √K·2⁻²⁴,
 * and by 8·2⁻²⁴ for the approximation of the function. T steps pass it on. The gradient of an input sums it over all
 * gates, that of a parameter over N·T places with random signs. Twice what was seen on any backend.
 */
export function toleranceOf({
  N,
  T,
  D,
  C,
  H,
}: Pick<RecurrentSizes, "N" | "T" | "D" | "C" | "H">): (result: string) => Tolerance {
  const ofGates = (8 + 2 * Math.sqrt(C + D + H)) * T * 2 ** -24;
  return (result) => {
    if (/dweight|dbias|dtable/.test(result)) return { absolute: ofGates * (1 + 2 * Math.sqrt(N * T)) };
    return { absolute: /dxs|dcontext|dh0/.test(result) ? 2 * ofGates : ofGates };
  };
}

/**
 * With products of bfloat16 a state or a gradient, below 1, may be rounded apart by 2⁻⁸ of itself (see describeBF16), and is
 * multiplied by a weight of at most 2/√H, or of 2/√(C + D). Two of those at once were not seen. In the first step no factor
 * is computed. The gradient of a table or of a context is made of sums over places, larger by the root of their number.
 */
export function bf16ToleranceOf(
  { N, T, D, C, H, V }: Pick<RecurrentSizes, "N" | "T" | "D" | "C" | "H" | "V">,
  tolerance: (result: string) => Tolerance,
): (result: string) => Tolerance {
  const weight = 2 / Math.sqrt(Math.min(H, C + D));
  const sums = V > 0 || C > 0 ? Math.sqrt(N * T) : 1;
  return (result) => {
    const isForward = !result.startsWith("d");
    const flips = isForward ? (T > 1 ? weight : 0) : /dweight/.test(result) ? sums : weight * sums;
    return { absolute: (tolerance(result).absolute ?? 0) + flips * 2 ** -8 };
  };
}

export function casesOf(cell: Cell): KernelCase[] {
  return [...combinations, ...Object.entries(shapes)].map(([name, s]) => {
    return {
      name,
      run: (desk) => run(cell, desk, s, drawArrays(cell, desk.random, s)),
      tolerance: toleranceOf(s),
      bf16Tolerance: bf16ToleranceOf(s, toleranceOf(s)),
    };
  });
}

export type Arrays = ReturnType<typeof drawArrays>;

/** Every array that a case may need. What stands behind a row's length is NaN, or an id that no table has. */
export function drawArrays({ gates, biases }: Cell, random: Random, s: RecurrentSizes) {
  const { N, T, D, H, C, V } = s;
  const weights = () => ({
    weightIh: draw(random, gates * H * (C + D), 2 / Math.sqrt(C + D)),
    weightHh: draw(random, gates * H * H, 2 / Math.sqrt(H)),
    ...Object.fromEntries(biases.map((name) => [name, draw(random, gates * H)])),
  });
  const arrays = {
    ...{
      xs: draw(random, N * T * D),
      table: draw(random, V * D),
      context: draw(random, N * C),
      h0: draw(random, N * H),
    },
    ...{ dhs: draw(random, N * T * H), dhn: draw(random, N * H) },
    ids: Int32Array.from({ length: N * T }, () => (V ? random.below(V) : 0)),
    lengths: Int32Array.from(s.lengths ?? []),
    weights: weights(),
    /** What the gradients of the parameters hold before. */
    start: { dtable: draw(random, V * D), ...weights() },
  };
  s.lengths?.forEach((length, n) => {
    const [from, to] = [n * T + length, (n + 1) * T];
    arrays.xs.fill(Number.NaN, from * D, to * D);
    arrays.dhs.fill(Number.NaN, from * H, to * H);
    arrays.ids.fill(-(2 ** 31), from, to);
  });
  return arrays;
}

type Bag = Readonly<Record<string, unknown>>;

/** A kernel by its name, for any cell: the names of its arrays are not checked here but by `Rows` and by `Desk.call`. */
function kernel({ backend }: Desk, { name }: Cell, way: "Forward" | "Backward") {
  const kernels = backend.kernels as unknown as Record<string, (writes: Bag, reads: Bag, sizes: Bag) => number>;
  const found = kernels[`${name}${way}`];
  if (!found) throw new Error(`expected a kernel ${name}${way}`);
  return found;
}

const kernelSizes = ({ reverse, N, T, D, C, H, V }: RecurrentSizes) => ({ reverse: Number(reverse), N, T, D, C, H, V });

/** The shape of a parameter by its name. */
function shapeOf(name: string, { gates }: Cell, { C, D, H }: RecurrentSizes): number[] {
  return name === "weightIh" ? [gates * H, C + D] : name === "weightHh" ? [gates * H, H] : [gates * H];
}

function forward(cell: Cell, desk: Desk, s: RecurrentSizes, arrays: Arrays) {
  const { N, T, D, H, C, V } = s;
  const optional = (there: boolean, shape: number[], values: Float32Array) =>
    there ? desk.tensor(shape, values) : undefined;
  const weights = Object.entries(arrays.weights).map(
    ([name, values]) => [name, desk.tensor(shapeOf(name, cell, s), values)] as const,
  );

  const reads = {
    xs: optional(V === 0, [N, T, D], arrays.xs),
    ids: V ? desk.ints([N, T], arrays.ids) : undefined,
    table: optional(V > 0, [V, D], arrays.table),
    context: optional(C > 0, [N, C], arrays.context),
    h0: optional(s.h0, [N, H], arrays.h0),
    lengths: s.lengths && desk.ints([N], arrays.lengths),
    ...Object.fromEntries(weights),
  };
  const states = { hs: desk.poison([N, T, H]), hn: desk.poison([N, H]) };
  const kept = Object.fromEntries(
    Object.entries(cell.kept).map(([name, width]) => [name, desk.poison([N, T, width * H])]),
  );
  desk.call([...Object.values(states), ...Object.values(kept)], () =>
    kernel(desk, cell, "Forward")({ ...states, ...kept }, reads, kernelSizes(s)),
  );
  return { reads, states, kept };
}

/** Runs a case forward. */
export function runForward(cell: Cell, desk: Desk, s: RecurrentSizes, arrays: Arrays): Results {
  const { states, kept } = forward(cell, desk, s, arrays);
  return copies({ ...states, ...kept });
}

/** Runs a case forward, then back. */
export function run(cell: Cell, desk: Desk, s: RecurrentSizes, arrays: Arrays): Results {
  const { N, T, D, H, C, V } = s;
  const optional = (there: boolean, shape: number[], values: Float32Array) =>
    there ? desk.tensor(shape, values) : undefined;
  const output = (there: boolean, shape: number[]) => (there ? desk.poison(shape) : undefined);
  const { reads, states, kept } = forward(cell, desk, s, arrays);
  const before = copies({ ...states, ...kept });

  const { dtable, ...start } = arrays.start;
  const gradients = {
    dxs: output(s.dinputs && V === 0, [N, T, D]),
    dtable: optional(s.dinputs && V > 0, [V, D], dtable),
    dcontext: output(s.dinputs && C > 0, [N, C]),
    dh0: output(s.dinputs && s.h0, [N, H]),
    ...Object.fromEntries(
      Object.entries(start).map(([name, values]) => [`d${name}`, desk.tensor(shapeOf(name, cell, s), values)]),
    ),
  };
  const given = { dhs: optional(s.dhs, [N, T, H], arrays.dhs), dhn: optional(s.dhn, [N, H], arrays.dhn) };
  desk.call([...Object.values(kept), ...Object.values(gradients)], () =>
    kernel(desk, cell, "Backward")({ ...kept, ...gradients }, { ...reads, ...given, hs: states.hs }, kernelSizes(s)),
  );
  const turned = Object.fromEntries(Object.entries(kept).map(([name, block]) => [`d${name}`, block]));
  return { ...before, ...copies({ ...turned, ...gradients }) };
}

/** One row of a batch as a case of its own. */
export function rowOf(s: RecurrentSizes, arrays: Arrays, n: number): [RecurrentSizes, Arrays] {
  const floats = (values: Float32Array) => values.subarray((n * values.length) / s.N, ((n + 1) * values.length) / s.N);
  const { xs, context, h0, dhs, dhn, ids, lengths } = arrays;
  const rows = { xs: floats(xs), context: floats(context), h0: floats(h0), dhs: floats(dhs), dhn: floats(dhn) };
  return [
    { ...s, N: 1, lengths: s.lengths?.slice(n, n + 1) },
    { ...arrays, ...rows, ids: ids.subarray(n * s.T, (n + 1) * s.T), lengths: lengths.subarray(n, n + 1) },
  ];
}
