import { expect, test } from "vitest";
import { DataError } from "../../src/engine/errors.js";
import { conversionCommand, readWav } from "../../src/files/wav.js";
import { expectError } from "../helpers/errors.js";
import { float32, makeWav, pcm16, wavFormat } from "../helpers/sound.js";

const read = (bytes: Uint8Array) => {
  const { rate, samples } = readWav("three.wav", bytes);
  return { rate, samples: [...samples] };
};

test("PCM of every width and floats are read as numbers from −1 to 1", () => {
  const half = [0, 0.5, -1];
  const cases: [code: number, bits: number, sound: Uint8Array][] = [
    [1, 8, Uint8Array.of(128, 192, 0)],
    [1, 16, pcm16([0, 16_384, -32_768])],
    [1, 24, Uint8Array.of(0, 0, 0, 0, 0, 0x40, 0, 0, 0x80)],
    [1, 32, new Uint8Array(Int32Array.of(0, 2 ** 30, -(2 ** 31)).buffer)],
    [3, 32, float32(half)],
    [3, 64, new Uint8Array(Float64Array.from(half).buffer)],
  ];
  for (const [code, bits, sound] of cases)
    expect(read(makeWav(sound, { code, bits, rate: 11_025 })), `${code}/${bits}`).toEqual({
      rate: 11_025,
      samples: half,
    });
});

test("channels are mixed down to their mean", () => {
  const sound = pcm16([32_767, -32_767, 16_384, 0, 8192, 8192]);
  expect(read(makeWav(sound, { channels: 2 })).samples).toEqual([0, 0.25, 0.25]);
});

test("chunks that say other things are passed over, those of an odd size too", () => {
  const before = [
    ["LIST", Uint8Array.of(1, 2, 3)],
    ["fact", new Uint8Array(4)],
  ] as const;
  expect(read(makeWav(pcm16([16_384]), { before })).samples).toEqual([0.5]);
});

test("an extensible format has its coding in the extension", () => {
  const format = wavFormat(0xfffe, 1, 48_000, 32, [22, 0, 32, 0, 4, 0, 0, 0, 3, 0, ...new Uint8Array(14)]);
  expect(read(makeWav(float32([0.25]), { format }))).toEqual({ rate: 48_000, samples: [0.25] });
});

test("what a program wrote into a pipe, without knowing its size, is read to its end", () => {
  expect(read(makeWav(pcm16([16_384, 0]), { size: 0x7fff_f000 })).samples).toEqual([0.5, 0]);
  expect(read(makeWav(pcm16([16_384, 0]), { size: 0xffff_ffff })).samples).toEqual([0.5, 0]);
});

test("a file that is no good is refused with what is wrong", () => {
  const whole = makeWav(pcm16([1, 2, 3, 4]));
  const format = "expected PCM of 8, 16, 24 or 32 bits, or float of 32 or 64";
  const cases: [bytes: Uint8Array, message: string, hint: string][] = [
    [new Uint8Array(), "expected a WAV file, got an empty file.", "record it again"],
    [new Uint8Array(100), "expected a WAV file, got a file of another kind.", "ffmpeg"],
    [whole.subarray(0, 50), "expected 8 bytes of samples, got 6: the file is cut short.", "copy it again"],
    [whole.subarray(0, 30), "expected 16 bytes of header, got 10: the file is cut short.", "copy it again"],
    [whole.subarray(0, 40), "expected a fmt and a data chunk, got a file that ends before them.", "copy"],
    [makeWav(new Uint8Array()), "expected samples, got none.", "record it again"],
    [makeWav(pcm16([1]), { code: 85 }), `${format}, got MP3 of 16 bits.`, "ffmpeg"],
    [makeWav(pcm16([1]), { code: 7, bits: 8 }), `${format}, got µ-law of 8 bits.`, "ffmpeg"],
    [makeWav(pcm16([1]), { bits: 12 }), `${format}, got PCM of 12 bits.`, "ffmpeg"],
    [makeWav(pcm16([1]), { code: 355 }), `${format}, got coding 355 of 16 bits.`, "ffmpeg"],
    [
      makeWav(pcm16([1]), { channels: 0 }),
      "expected at least one channel and a sample rate, got 0 channels at 16000 Hz.",
      "copy",
    ],
    [makeWav(pcm16([1]), { format: new Uint8Array(10) }), "expected a fmt chunk of at least 16 bytes, got 10.", "copy"],
    [makeWav(float32([0, Number.NaN]), { code: 3, bits: 32 }), "expected finite numbers, got NaN at sample 2.", "copy"],
  ];
  for (const [bytes, message, hint] of cases)
    expectError(DataError, () => readWav("three.wav", bytes), `three.wav: ${message}`, hint);
});

test("how to convert a file names it, and another for what becomes of it", () => {
  for (const [name, other] of [
    ["clips.new/three.mp3", "clips.new/three.wav"],
    ["clips.new/three", "clips.new/three.wav"],
    ["three.WAV", "three-pcm.wav"],
  ] as const)
    expect(conversionCommand(name)).toBe(`ffmpeg -i ${name} -c:a pcm_s16le ${other} makes one that can be read`);
});
