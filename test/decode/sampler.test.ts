import { describe, expect, test } from "vitest";
import { Sampler } from "../../src/decode/sampler.js";
import { OptionError } from "../../src/engine/errors.js";
import { Random } from "../../src/engine/random.js";
import { expectError, thrownBy } from "../helpers/errors.js";

const probabilities = [0.5, 0.25, 0.125, 0.0625, 0.0625];

/** How often each token is chosen in 20,000 draws, as shares. */
function shares(sampler: Sampler, random = new Random(7)): number[] {
  const counts = probabilities.map(() => 0);
  for (let i = 0; i < 20_000; i++) {
    const id = sampler.choose(Float32Array.from(probabilities), random);
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts.map((count) => count / 20_000);
}

/** Shares of 20,000 draws are off by less than 0.015 (four standard deviations). */
function expectShares(sampler: Sampler, expected: readonly number[]): void {
  for (const [id, share] of shares(sampler).entries()) {
    expect(Math.abs(share - (expected[id] ?? 0)), `share of ${id}`).toBeLessThan(expected[id] === 0 ? 1e-9 : 0.015);
  }
}

describe("a sampler", () => {
  test("draws each token as often as its probability says", () => expectShares(new Sampler(), probabilities));

  test("asks for probabilities at its temperature, and when greedy for plain ones", () => {
    expect(new Sampler({ temperature: 0.5 }).temperature).toBe(0.5);
    expect(new Sampler({ temperature: 0.5, greedy: true }).temperature).toBe(1);
  });

  test("with top-k draws among the k most probable", () =>
    expectShares(new Sampler({ topK: 2 }), [2 / 3, 1 / 3, 0, 0, 0]));

  test("with top-p draws among the fewest that reach the share", () =>
    expectShares(new Sampler({ topP: 0.7 }), [2 / 3, 1 / 3, 0, 0, 0]));

  test("gives skipped tokens probability zero before it draws", () =>
    expectShares(new Sampler({}, [0]), [0, 0.5, 0.25, 0.125, 0.125]));

  test("takes the first of the most probable when greedy, and draws no number", () => {
    const random = new Random(1);
    const next = new Random(1).uniform();
    expect(new Sampler({ greedy: true }).choose(Float32Array.of(0.2, 0.4, 0.4), random)).toBe(1);
    expect(new Sampler({ greedy: true }, [1]).choose(Float32Array.of(0.2, 0.4, 0.4), random)).toBe(2);
    expect(random.uniform()).toBe(next);
  });

  test("draws one number for each token, whatever its options", () => {
    const random = new Random(1);
    const other = new Random(1);
    new Sampler({ topK: 3, topP: 0.9, temperature: 2 }).choose(Float32Array.from(probabilities), random);
    other.uniform();
    expect(random.uniform()).toBe(other.uniform());
  });

  test("names the option that is out of range", () => {
    for (const options of [{ temperature: 0 }, { temperature: Number.NaN }, { topK: 0 }, { topP: 0 }, { topP: 1.5 }]) {
      const error = thrownBy(() => new Sampler(options));
      expect(error).toBeInstanceOf(OptionError);
      expect(error?.message).toContain(Object.keys(options)[0]);
    }
    const nothingLeft = "suppress: expected at least one token left to produce, got none.";
    expectError(
      OptionError,
      () => new Sampler({}, [0, 1, 2, 3, 4]).choose(Float32Array.from(probabilities), new Random(1)),
      nothingLeft,
    );
  });
});
