import FFT from "fft.js";
import { DataError } from "../../engine/errors.js";
import type { Matrix } from "../../files/dtypes.js";
import type { Sound } from "../../files/wav.js";

/** Bands of a frame. */
export const BANDS = 40;
/** Frames per second. */
export const FRAME_RATE = 100;
const WINDOW_SECONDS = 0.025;
/** The lower edge of the first band and the upper edge of the last, in Hz, at every sample rate. */
const [LOWEST, HIGHEST] = [50, 8000];
const LEAST_RATE = 4000;
/** The power of silence: 80 dB below the loudest sound. */
const FLOOR = 1e-8;

/**
 * A recording as frames: every 10 ms the logarithm of the power in each of 40 bands, over a Hann window of 25 ms.
 *
 * The bands are triangles of equal width on the mel scale (O'Shaughnessy 1987), from 50 Hz to 8 kHz. They have the same
 * frequencies and comparable powers at every sample rate: files of different rates can be mixed. Below 16 kHz the uppermost
 * bands are silent.
 * @throws DataError for a sample rate below 4 kHz
 */
export function logMel(name: string, { rate, samples }: Sound): Matrix {
  if (rate < LEAST_RATE)
    throw new DataError(`${name}: expected ${LEAST_RATE} samples per second or more, got ${rate}.`, "record it again");
  const { window, fft, bands } = toolsFor(rate);
  const W = window.length;
  const T = Math.max(1, 1 + Math.floor(((samples.length - W) * FRAME_RATE) / rate)); // a short one is filled with silence
  const values = new Float32Array(T * BANDS);
  const [windowed, spectrum] = [new Float64Array(fft.size), new Float64Array(2 * fft.size)];
  for (let t = 0; t < T; t++) {
    const from = Math.floor((t * rate) / FRAME_RATE); // from the frame's time: a hop need not be a whole number of samples
    for (let i = 0; i < W; i++) windowed[i] = (window[i] ?? 0) * (samples[from + i] ?? 0);
    fft.realTransform(spectrum, windowed);
    for (const [band, { first, weights }] of bands.entries()) {
      let power = 0;
      for (let i = 0; i < weights.length; i++) {
        const [re = 0, im = 0] = [spectrum[2 * (first + i)], spectrum[2 * (first + i) + 1]];
        power += (weights[i] ?? 0) * (re * re + im * im);
      }
      values[t * BANDS + band] = Math.log(Math.max(power, FLOOR));
    }
  }
  return { width: BANDS, values };
}

interface Tools {
  readonly window: Float64Array;
  readonly fft: FFT;
  readonly bands: readonly Band[];
}

/** A band's weights for the bins of the spectrum from `first` on. */
interface Band {
  readonly first: number;
  readonly weights: Float64Array;
}

/** The tools of each sample rate, made once. */
const made = new Map<number, Tools>();

function toolsFor(rate: number): Tools {
  const known = made.get(rate);
  if (known) return known;
  const W = Math.round(WINDOW_SECONDS * rate);
  const window = Float64Array.from({ length: W }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / W));
  const size = 2 ** Math.ceil(Math.log2(W));
  // Power of a bin: |X|² over the window's own sum of squares and the number of bins; twice, for negative frequencies.
  const unit = 2 / (size * window.reduce((sum, w) => sum + w * w, 0));
  const edges = Array.from({ length: BANDS + 2 }, (_, i) =>
    hertz(mel(LOWEST) + (i * (mel(HIGHEST) - mel(LOWEST))) / (BANDS + 1)),
  );
  const bands = edges.slice(1, -1).map((middle, i): Band => {
    const [low = 0, high = 0] = [edges[i], edges[i + 2]];
    const [first, last] = [Math.ceil((low * size) / rate), Math.min(Math.floor((high * size) / rate), size / 2)];
    const weights = Float64Array.from({ length: Math.max(0, last - first + 1) }, (_, bin) => {
      const f = ((first + bin) * rate) / size;
      return unit * Math.min((f - low) / (middle - low), (high - f) / (high - middle));
    });
    return { first, weights };
  });
  const tools = { window, fft: new FFT(size), bands };
  made.set(rate, tools);
  return tools;
}

const mel = (f: number): number => 1127 * Math.log1p(f / 700);
const hertz = (m: number): number => 700 * Math.expm1(m / 1127);
