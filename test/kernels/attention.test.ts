import { describe, test } from "vitest";
import {
  type AttentionSizes,
  attentionSizes,
  type Draw,
  nameOf,
  runAdditive,
  runAttend,
  runAttendInPlace,
  runDot,
} from "../helpers/attention-case.js";
import { describeBackendsAndBF16 } from "../helpers/backends.js";
import { expectClose, expectSameBits, type Tolerance } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";
import { describeKernel, type KernelCase, type Results } from "../helpers/kernel-cases.js";
import { sumOf } from "../helpers/linear-case.js";

// Vectors of 4, 8 or 16 floats, tiles of up to 6 rows, 16 steps at a time, blocks of 256 products.
const shapes: readonly AttentionSizes[] = [
  attentionSizes(1, 1, 1, 1),
  attentionSizes(2, 3, 5, 7),
  attentionSizes(3, 1, 14, 33),
  attentionSizes(5, 4, 1, 2),
  attentionSizes(4, 3, 7, 5, [7, 1, 3, 6]),
  attentionSizes(2, 17, 16, 13, [16, 15]),
  attentionSizes(3, 7, 33, 20, [33, 4, 17]),
  attentionSizes(1, 33, 40, 64),
  attentionSizes(2, 5, 18, 300, [17, 18]),
  attentionSizes(1, 2, 270, 19),
];

/** Sums over keys, steps and columns, and what each of them adds up. */
function productsOf({ T, S, A }: AttentionSizes): Readonly<Record<string, number>> {
  return { scores: A, dqueries: S, dkeys: T, contexts: S, dvalues: T, dscores: A * S };
}

/** Each term of at most 1 has the 4e-7 of tanh besides, or twice that in 1 − tanh², with either sign. */
function additiveTolerance({ N, T, S, A }: AttentionSizes, result: string): Tolerance {
  const terms = { scores: A, dqueries: S, dkeys: T, dvector: N * T * S }[result] ?? 0;
  return { absolute: (sumOf(terms).absolute ?? 0) + 8e-7 * Math.sqrt(terms), relative: 2 ** -23 };
}

const cases = shapes.flatMap((sizes): KernelCase[] => {
  const ofProducts = (result: string) => sumOf(productsOf(sizes)[result] ?? 0);
  /** A weight is exp's 2.5e-7, an exponent that is rounded at most at 2, and the sum's roundings. */
  const attendTolerance = (result: string): Tolerance =>
    result === "weights" ? { relative: 1e-6 } : ofProducts(result);
  // In bfloat16 the one factor that is computed is a weight; all of a row are 1 together.
  const attendBF16 = (result: string): Tolerance =>
    result === "contexts" ? { absolute: ofProducts(result).absolute + 2 ** -8 } : attendTolerance(result);
  return [
    {
      name: `dot, ${nameOf(sizes)}`,
      run: (desk) => runDot(desk, sizes),
      tolerance: ofProducts,
      bf16Tolerance: ofProducts,
    },
    {
      name: `additive, ${nameOf(sizes)}`,
      run: (desk) => runAdditive(desk, sizes),
      tolerance: (result) => additiveTolerance(sizes, result),
      bf16Tolerance: (result) => additiveTolerance(sizes, result),
    },
    {
      name: `attend, ${nameOf(sizes)}`,
      run: (desk) => runAttend(desk, sizes),
      tolerance: attendTolerance,
      bf16Tolerance: attendBF16,
    },
  ];
});

describeKernel([
  ...cases,
  {
    name: "attend, weights in place of the scores, ragged",
    run: (desk) => runAttendInPlace(desk, attentionSizes(3, 4, 19, 5, [19, 7, 1])),
    tolerance: (result) => (result === "weights" ? { relative: 1e-6 } : sumOf(5 * 19)),
  },
]);

/**
 * Numbers that depend on their place alone: an array with more rows, steps or keys has the same ones where it has the same
 * places.
 * @param row the place of the first row
 */
const byPlace =
  (desk: Desk, row: number): Draw =>
  (shape) => {
    const tensor = desk.filled(shape, 0);
    const [last = 1, middle = 1, rows] = shape.toReversed();
    tensor.data.forEach((_, i) => {
      const n = rows ? row + Math.floor(i / (middle * last)) : 0;
      tensor.data[i] = Math.sin(7 + 5000 * n + 71 * (Math.floor(i / last) % middle) + 1.7 * (i % last));
    });
    return tensor;
  };

const axes = new Map<string, readonly ["T" | "S", "S" | "A"]>([
  ...["scores", "weights", "dscores"].map((name) => [name, ["T", "S"]] as const),
  ...["dqueries", "contexts"].map((name) => [name, ["T", "A"]] as const),
  ...["dkeys", "dvalues"].map((name) => [name, ["S", "A"]] as const),
]);

/** Of a result of some sizes, what one of fewer steps or keys would hold. */
function part(
  name: string,
  values: Results[string] | undefined,
  sizes: AttentionSizes,
  fewer: AttentionSizes,
): number[] {
  const [i, j] = axes.get(name) ?? [];
  if (!i || !j) return [...(values ?? [])];
  const isWithin = (at: number) => at % sizes[j] < fewer[j] && Math.floor(at / sizes[j]) % sizes[i] < fewer[i];
  return [...(values ?? [])].filter((_, at) => isWithin(at));
}

describeBackendsAndBF16((backend) => {
  describe.each(Object.entries({ dot: runDot, additive: runAdditive, attend: runAttend }))("%s", (_, run) => {
    const resultsOf = (sizes: AttentionSizes, row = 0): Results => {
      const desk = new Desk(backend(), 1);
      const results = run(desk, sizes, byPlace(desk, row));
      desk.clear();
      return results;
    };
    const [N, T, S, A] = [4, 9, 21, 37];
    const lengths = [21, 3, 16, 17];
    const sizes = attentionSizes(N, T, S, A, lengths);
    const whole = () => Object.entries(resultsOf(sizes));

    test("more padding changes no bit", () => {
      const wide = attentionSizes(N, T, S + 14, A, lengths);
      const results = resultsOf(wide);
      for (const [name, values] of whole()) expectSameBits(name, part(name, results[name], wide, sizes), values);
    });

    test("a row alone gives the same bits as within a batch", () => {
      for (const [n, length] of lengths.entries()) {
        const alone = resultsOf(attentionSizes(1, T, S, A, [length]), n);
        for (const [name, values] of whole().filter(([key]) => key !== "dvector")) {
          const size = values.length / N;
          expectSameBits(`${name} of row ${n}`, alone[name], values.slice(n * size, (n + 1) * size));
        }
      }
    });

    test("a few queries alone give the same bits as among others", () => {
      for (const few of [1, 2, 5, 7].map((steps) => attentionSizes(N, steps, S, A, lengths))) {
        const some = resultsOf(few);
        for (const [name, values] of whole().filter(([key]) => axes.get(key)?.[0] === "T"))
          expectSameBits(`${name} of ${few.T}`, some[name], part(name, values, sizes, few));
      }
    });
  });

  test("additive: the gradient of the vector is added, the others are set", () => {
    const start = (dvector: number): Results => {
      const desk = new Desk(backend(), 1);
      let vectors = 0; // the second is where the gradient starts
      const draw: Draw = (shape) =>
        shape.length === 1 && ++vectors === 2 ? desk.filled(shape, dvector) : desk.uniform(shape);
      const results = runAdditive(desk, attentionSizes(2, 3, 5, 7), draw);
      desk.clear();
      return results;
    };
    const [from0, from9] = [start(0), start(9)];
    expectClose("dvector", from9["dvector"], from0["dvector"]?.map((d) => d + 9) ?? [], { absolute: 4e-6 });
    for (const name of ["dqueries", "dkeys"]) expectSameBits(name, from9[name], from0[name]);
  });

  test("attend: scores far apart do not overflow, and equal ones give the mean of the values that are there", () => {
    const desk = new Desk(backend(), 1);
    const [N, T, S, H] = [1, 3, 4, 2];
    const rows = [
      [1e4, 0, 0, Number.NaN],
      [-1e4, -1e4 - 1, -2e4, Number.NaN],
      [5, 5, 5, Number.NaN],
    ];
    const [scores, lengths] = [desk.tensor([N, T, S], rows.flat()), desk.ints([N], [3])];
    const values = desk.tensor([N, S, H], [1, 8, 2, 16, 6, 64, Number.NaN, Number.NaN]);
    const [weights, contexts] = [desk.poison([N, T, S]), desk.poison([N, T, H])];
    const reads = { scores, values, lengths };
    desk.call([weights, contexts], () =>
      backend().kernels.attendForward({ weights, contexts }, reads, { scale: 1, N, T, S, H }),
    );
    const [e, third] = [1 / (1 + Math.exp(-1)), 1 / 3];
    expectClose("weights", weights.data, [1, 0, 0, 0, e, 1 - e, 0, 0, third, third, third, 0], { absolute: 1e-6 });
    expectClose("a certain context", contexts.data.subarray(0, 2), [1, 8], {});
    // A third may be rounded to bfloat16.
    expectClose("a mean", contexts.data.subarray(4), [3, 88 / 3], { relative: 2 ** -8 });
    desk.clear();
  });
});
