import { expect, test } from "vitest";
import { openReference } from "../../../src/engine/backend/reference.js";
import { type InitializerName, initialize } from "../../../src/engine/layers/initialize.js";
import { makeParam } from "../../../src/engine/layers/layer.js";
import { Random } from "../../../src/engine/random.js";
import { expectSameBits } from "../../helpers/close.js";

const shape = [80, 125];

/** Draws one parameter of 10,000 elements. */
function drawn(scheme: InitializerName, name: string, seed = 1): Float32Array {
  const param = makeParam(openReference().arena, name, shape);
  initialize([param], scheme, new Random(seed));
  return param.value.data;
}

const mean = (xs: Float32Array): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;
const deviation = (xs: Float32Array): number => Math.sqrt(mean(xs.map((x) => x * x)) - mean(xs) ** 2);

// The schemes of the table, with fan-in 125 and fan-out 80: what the standard deviation must be, and the largest value.
test.each([
  ["book", "lstm.weight_hh_l0", 1 / Math.sqrt(125), 5 / Math.sqrt(125)],
  ["book", "encoder.embedding.weight", 0.01, 0.05],
  ["glorot", "linear.weight", Math.sqrt(6 / 205 / 3), Math.sqrt(6 / 205)],
  ["uniform", "linear.weight", 1 / Math.sqrt(375), 1 / Math.sqrt(125)],
  ["uniform", "embedding.weight", 0.1 / Math.sqrt(3), 0.1],
] as const)("%s draws %s with the spread that it promises", (scheme, name, spread, most) => {
  const xs = drawn(scheme, name);
  // Of 10,000 draws: the mean is off by 1/100 of the spread, the spread by 1/140 of itself; five times that is allowed.
  expect(Math.abs(mean(xs))).toBeLessThan(0.05 * spread);
  expect(Math.abs(deviation(xs) / spread - 1)).toBeLessThan(0.036);
  expect(Math.max(...xs.map(Math.abs))).toBeLessThanOrEqual(Math.fround(most));
  expect(Math.max(...xs.map(Math.abs))).toBeGreaterThan(0.6 * most);
});

test("a convolution's weight has twice the variance of its fan-in, whatever the scheme", () => {
  for (const scheme of ["book", "glorot", "uniform", "wide"] as const) {
    const param = makeParam(openReference().arena, "conv.weight", [50, 8, 5, 5]);
    initialize([param], scheme, new Random(1));
    expect(Math.abs(mean(param.value.data))).toBeLessThan(0.05 * 0.1);
    expect(Math.abs(deviation(param.value.data) / 0.1 - 1), scheme).toBeLessThan(0.036); // √(2 / 200)
  }
});

test("a seed gives the same bits again, another seed others", () => {
  expectSameBits("weight", drawn("book", "weight"), drawn("book", "weight"));
  expect(drawn("book", "weight", 2)).not.toEqual(drawn("book", "weight"));
});

test("a bias stays 0", () => {
  const bias = makeParam(openReference().arena, "bias", [7]);
  initialize([bias], "uniform", new Random(1));
  expect([...bias.value.data]).toEqual([0, 0, 0, 0, 0, 0, 0]);
});
