import type { Kernels } from "./kernels.js";
import type { Factors } from "./reference-precision.js";
import { Rows } from "./reference-rows.js";

type ConvolutionKernel = `${"conv2d" | "maxPool" | "relu"}${"Forward" | "Backward"}`;

/** Reference kernels of 2-D convolution, max-pooling and ReLU. */
export const convolution = ({ number }: Factors): Pick<Kernels, ConvolutionKernel> => ({
  conv2dForward({ ys }, { xs, weight, bias }, { N, Y, X, C, O, K }) {
    const [y, x, w, b] = [new Rows(ys, O), new Rows(xs, C), new Rows(weight, K * K), new Rows(bias, O)];
    for (let r = 0; r < N * Y * X; r++)
      for (let o = 0; o < O; o++) {
        let sum = b.at(0, o);
        for (const [seen, k] of windowAt(r, { Y, X, K }))
          for (let c = 0; c < C; c++) sum += number(x.at(seen, c)) * number(w.at(o * C + c, k));
        y.set(r, o, sum);
      }
    return 0;
  },

  conv2dBackward({ dxs, dweight, dbias }, { dys, xs, weight }, { N, Y, X, C, O, K }) {
    const [dy, x, w] = [new Rows(dys, O), new Rows(xs, C), new Rows(weight, K * K)];
    const [dx, dw, db] = [dxs && new Rows(dxs, C), new Rows(dweight, K * K), new Rows(dbias, O)];
    dx?.fill(0);
    for (let r = 0; r < N * Y * X; r++)
      for (let o = 0; o < O; o++) {
        db.add(0, o, dy.at(r, o));
        const d = number(dy.at(r, o));
        for (const [seen, k] of windowAt(r, { Y, X, K }))
          for (let c = 0; c < C; c++) {
            dw.add(o * C + c, k, d * number(x.at(seen, c)));
            dx?.add(seen, c, d * number(w.at(o * C + c, k)));
          }
      }
    for (const rows of [dx, dw, db]) rows?.finish();
    return 0;
  },

  maxPoolForward({ ys }, { xs }, { N, Y, X, C }) {
    const [y, x] = [new Rows(ys, C), new Rows(xs, C)];
    for (const [pooled, pixels] of windows(N, Y, X))
      for (let c = 0; c < C; c++) y.set(pooled, c, x.at(argmax(x, pixels, c), c));
    return 0;
  },

  maxPoolBackward({ dxs }, { dys, xs }, { N, Y, X, C }) {
    const [dx, dy, x] = [new Rows(dxs, C), new Rows(dys, C), new Rows(xs, C)];
    dx.fill(0);
    for (const [pooled, pixels] of windows(N, Y, X))
      for (let c = 0; c < C; c++) dx.set(argmax(x, pixels, c), c, dy.at(pooled, c));
    return 0;
  },

  reluForward({ ys }, { xs }, { R }) {
    const [y, x] = [new Rows(ys, 1), new Rows(xs, 1)];
    for (let r = 0; r < R; r++) y.set(r, 0, Math.max(x.at(r, 0), 0));
    return 0;
  },

  reluBackward({ dxs }, { dys, ys }, { R }) {
    const [dx, dy, y] = [new Rows(dxs, 1), new Rows(dys, 1), new Rows(ys, 1)];
    for (let r = 0; r < R; r++) dx.set(r, 0, y.at(r, 0) > 0 ? dy.at(r, 0) : 0);
    return 0;
  },
});

/** The pixels in the window around pixel r, without the zero padding, each with the index of its weight among K·K. */
function* windowAt(r: number, { Y, X, K }: { Y: number; X: number; K: number }): Generator<[pixel: number, k: number]> {
  const [y, x, border] = [Math.floor(r / X) % Y, r % X, Math.floor(K / 2)];
  for (let i = -border; i <= border; i++)
    for (let j = -border; j <= border; j++)
      if (y + i >= 0 && y + i < Y && x + j >= 0 && x + j < X) yield [r + i * X + j, (i + border) * K + j + border];
}

/** The 2 × 2 windows row by row: the four pixels of a window, and the pixel they are pooled into. */
function* windows(N: number, Y: number, X: number): Generator<[pooled: number, pixels: number[]]> {
  let pooled = 0;
  for (let n = 0; n < N; n++)
    for (let y = 0; y + 1 < Y; y += 2)
      for (let x = 0; x + 1 < X; x += 2) {
        const first = (n * Y + y) * X + x;
        yield [pooled++, [first, first + 1, first + X, first + X + 1]];
      }
}

/** The pixel with the largest value of channel c; the first one on a tie. */
const argmax = (x: Rows, pixels: readonly number[], c: number): number =>
  pixels.reduce((best, pixel) => (x.at(pixel, c) > x.at(best, c) ? pixel : best));
