import { expect } from "vitest";

export type Numbers = Float32Array | Float64Array | Int32Array | readonly number[];

/** |actual − expected| may be `absolute` + `relative`·|expected|. */
export interface Tolerance {
  readonly absolute?: number;
  readonly relative?: number;
}

/** Fails with the worst element unless all are within the tolerance; NaN equals NaN and nothing else. */
export function expectClose(
  what: string,
  actual: Numbers | undefined,
  expected: Numbers | undefined,
  { absolute = 0, relative = 0 }: Tolerance,
): void {
  if (!actual || !expected) expect.fail(`${what}: expected numbers on both sides`);
  expect(actual.length, `${what}: number of elements`).toBe(expected.length);
  let [worst, most] = [-1, 1];
  for (let i = 0; i < expected.length; i++) {
    const [a = Number.NaN, e = Number.NaN] = [actual[i], expected[i]];
    if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue;
    const excess = Math.abs(a - e) / (absolute + relative * Math.abs(e));
    if (excess <= most) continue;
    worst = i;
    most = Number.isNaN(excess) ? Number.POSITIVE_INFINITY : excess;
  }
  if (worst < 0) return;
  const times = `${most.toPrecision(3)} times the tolerance`;
  expect.fail(`${what}[${worst}]: expected ${expected[worst]}, got ${actual[worst]}, ${times}`);
}

/** Fails unless both hold the very same bits; 0 and −0 differ. */
export function expectSameBits(what: string, actual: Numbers | undefined, expected: Numbers | undefined): void {
  if (!actual || !expected) expect.fail(`${what}: expected numbers on both sides`);
  expect(actual.length, `${what}: number of elements`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    if (!Object.is(actual[i], expected[i]))
      expect.fail(`${what}[${i}]: expected the bits of ${expected[i]}, got ${actual[i]}`);
}
