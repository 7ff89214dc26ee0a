import { describe, expect, test } from "vitest";
import { DataError } from "../../../src/engine/errors.js";
import { logMel } from "../../../src/tasks/sounds/log-mel.js";
import { expectClose } from "../../helpers/close.js";
import { expectError } from "../../helpers/errors.js";
import { readSounds } from "../../helpers/sound.js";

const sine = (rate: number, hertz: number, seconds = 0.1) =>
  Float32Array.from({ length: Math.round(rate * seconds) }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate));

describe("log-mel frames", () => {
  test.each(readSounds().mels)("are those that NumPy computes: $name", ({ rate, samples, shape, data }) => {
    const { width, values } = logMel("tone.wav", { rate, samples: Float32Array.from(samples, (x) => x / 32_768) });
    expect([values.length / width, width]).toEqual(shape);
    expectClose("frames", values, data, { absolute: 2e-6 }); // float32 of numbers of at most 20
  });

  test("mean the same frequencies and powers at every rate", () => {
    const bandsOf = (rate: number) => logMel("tone.wav", { rate, samples: sine(rate, 1000) }).values.subarray(0, 40);
    const reference = bandsOf(16_000);
    for (const rate of [8000, 11_025, 22_050, 44_100, 48_000]) {
      const loud = [...bandsOf(rate).entries()].filter(([, power]) => power > -5);
      expect(
        loud.map(([band]) => band),
        `${rate} Hz`,
      ).toEqual([12, 13]);
      for (const [band, power] of loud) expect(power, `${rate} Hz`).toBeCloseTo(reference[band] ?? 0, 1);
    }
  });

  test("a tone's power is shared by the bands around it", () => {
    const { values } = logMel("tone.wav", { rate: 16_000, samples: sine(16_000, 1000) });
    const power = values.subarray(0, 40).reduce((sum, value) => sum + Math.exp(value), 0);
    expect(power).toBeCloseTo(0.5 * 0.5 ** 2, 3); // triangles that overlap by half add up to 1
  });

  test("silence, and what a low rate cannot hold, is the floor", () => {
    const floor = Math.fround(Math.log(1e-8));
    const silent = logMel("silence.wav", { rate: 8000, samples: new Float32Array(800) }).values;
    expect(new Set(silent)).toEqual(new Set([floor]));
    const narrow = logMel("tone.wav", { rate: 8000, samples: sine(8000, 1000) }).values;
    expect(narrow.subarray(30, 40)).toEqual(new Float32Array(10).fill(floor));
  });

  test("there is one every 10 ms, though that be no whole number of samples", () => {
    for (const [rate, seconds, frames] of [
      [22_050, 10, 998],
      [11_025, 1, 98],
      [16_000, 0.025, 1],
      [16_000, 0.0349, 1],
      [16_000, 0.035, 2],
      [16_000, 0.001, 1],
    ] as const)
      expect(logMel("tone.wav", { rate, samples: sine(rate, 440, seconds) }).values.length / 40).toBe(frames);
  });

  test("a rate too low for speech is refused", () => {
    expectError(
      DataError,
      () => logMel("tone.wav", { rate: 2000, samples: new Float32Array(100) }),
      "tone.wav: expected 4000 samples per second or more, got 2000.",
      "record it again",
    );
  });
});
