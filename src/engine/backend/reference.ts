import { philox } from "../random.js";
import { Arena } from "./arena.js";
import type { Backend, Precision } from "./backend.js";
import { refuseToTrain } from "./bind.js";
import type { Kernels } from "./kernels.js";
import { attention } from "./reference-attention.js";
import { convolution } from "./reference-convolution.js";
import { gruBackward, gruForward } from "./reference-gru.js";
import { lstmBackward, lstmForward } from "./reference-lstm.js";
import { type Factors, factorsOf, quantizeRow } from "./reference-precision.js";
import { rnnBackward, rnnForward } from "./reference-rnn.js";
import { Rows } from "./reference-rows.js";

/**
 * Opens the reference backend: kernels in plain TypeScript with float64 sums. The compiled kernels are tested
 * against it.
 * @param options precision: factors of a product are rounded as in the compiled kernels. @default "float32"
 */
export function openReference(options: { readonly precision?: Precision | undefined } = {}): Backend {
  const { precision = "float32" } = options;
  const kernels = kernelsOf(factorsOf[precision]);
  let buffer = new ArrayBuffer(2 ** 20);
  const arena = new Arena({
    start: 64,
    limit: 2 ** 31,
    get buffer() {
      return buffer;
    },
    grow(needed) {
      if (needed <= buffer.byteLength) return;
      const larger = new ArrayBuffer(Math.max(needed, 2 * buffer.byteLength));
      new Uint8Array(larger).set(new Uint8Array(buffer));
      buffer = larger;
    },
  });
  return {
    name: "reference",
    instructionSet: "JavaScript",
    threads: 1,
    precision,
    arena,
    kernels: precision === "int8" ? refuseToTrain(kernels) : kernels,
    close() {
      buffer = new ArrayBuffer(0);
    },
  };
}

const kernelsOf = (factors: Factors): Kernels => ({
  linearForward({ ys }, { xs, context, weight, bias }, { N, T, D, C, O }) {
    const [y, x, w] = [new Rows(ys, O), new Rows(xs, D), new Rows(weight, C + D, factors.weights)];
    const [before, b] = [context && new Rows(context, C), bias && new Rows(bias, O)];
    for (let r = 0; r < N * T; r++) {
      const n = Math.floor(r / T);
      for (let o = 0; o < O; o++) {
        let sum = b?.at(0, o) ?? 0;
        for (let k = 0; k < C; k++) sum += factors.number(before?.at(n, k) ?? 0) * w.at(o, k);
        for (let k = 0; k < D; k++) sum += factors.number(x.at(r, k)) * w.at(o, C + k);
        y.set(r, o, sum);
      }
    }
    return 0;
  },

  linearBackward({ dxs, dcontext, dweight, dbias }, { dys, xs, context, weight }, { N, T, D, C, O }) {
    const [dy, x, dw] = [new Rows(dys, O), new Rows(xs, D), new Rows(dweight, C + D)];
    const [before, w] = [context && new Rows(context, C), new Rows(weight, C + D, factors.weights)];
    const [dx, db, dc] = [dxs && new Rows(dxs, D), dbias && new Rows(dbias, O), dcontext && new Rows(dcontext, C)];
    dx?.fill(0);
    dc?.fill(0);
    for (let r = 0; r < N * T; r++)
      for (let o = 0; o < O; o++) {
        db?.add(0, o, dy.at(r, o));
        const d = factors.number(dy.at(r, o));
        for (let k = 0; k < D; k++) {
          dw.add(o, C + k, d * factors.number(x.at(r, k)));
          dx?.add(r, k, d * w.at(o, C + k));
        }
      }
    for (let n = 0; n < N; n++)
      for (let o = 0; o < O; o++) {
        let sum = 0; // over all steps, which share the context
        for (let t = 0; t < T; t++) sum += dy.at(n * T + t, o);
        const d = factors.number(sum);
        for (let k = 0; k < C; k++) {
          dw.add(o, k, d * factors.number(before?.at(n, k) ?? 0));
          dc?.add(n, k, d * w.at(o, k));
        }
      }
    for (const rows of [dx, dc, dw, db]) rows?.finish();
    return 0;
  },

  embeddingForward({ ys }, { ids, weight }, { R, D }) {
    const [y, w, id] = [new Rows(ys, D), new Rows(weight, D), ids.data];
    for (let r = 0; r < R; r++) for (let d = 0; d < D; d++) y.set(r, d, w.at(entry(id, r), d));
    return 0;
  },

  embeddingBackward({ dweight }, { dys, ids }, { R, D }) {
    const [dy, dw, id] = [new Rows(dys, D), new Rows(dweight, D), ids.data];
    for (let r = 0; r < R; r++) for (let d = 0; d < D; d++) dw.add(entry(id, r), d, dy.at(r, d));
    dw.finish();
    return 0;
  },

  lstmForward: lstmForward(factors),
  lstmBackward: lstmBackward(factors),
  gruForward: gruForward(factors),
  gruBackward: gruBackward(factors),
  rnnForward: rnnForward(factors),
  rnnBackward: rnnBackward(factors),
  ...attention(factors),
  ...convolution(factors),

  crossEntropyForward({ losses, lse }, { logits, targets, weights }, { smoothing, R, V }) {
    const [x, target, w, out, sums] = [new Rows(logits, V), targets.data, weights?.data, losses.data, lse.data];
    for (let r = 0; r < R; r++) {
      const weight = w ? entry(w, r) : 1;
      if (weight === 0) {
        out[r] = sums[r] = 0;
        continue;
      }
      let most = Number.NEGATIVE_INFINITY;
      for (let v = 0; v < V; v++) most = Math.max(most, x.at(r, v));
      let [total, mean] = [0, 0];
      for (let v = 0; v < V; v++) {
        total += Math.exp(x.at(r, v) - most);
        mean += x.at(r, v) / V;
      }
      const expected = (1 - smoothing) * x.at(r, entry(target, r)) + (smoothing === 0 ? 0 : smoothing * mean);
      sums[r] = most + Math.log(total);
      out[r] = weight * (most + Math.log(total) - expected);
    }
    return 0;
  },

  crossEntropyBackward({ dlogits }, { logits, lse, targets, weights }, { smoothing, scale, R, V }) {
    const [x, dx, target, w, sums] = [new Rows(logits, V), new Rows(dlogits, V), targets.data, weights?.data, lse.data];
    for (let r = 0; r < R; r++) {
      const factor = (w ? entry(w, r) : 1) * scale;
      for (let v = 0; v < V; v++) {
        const expected = (v === entry(target, r) ? 1 - smoothing : 0) + smoothing / V;
        dx.set(r, v, factor === 0 ? 0 : (Math.exp(x.at(r, v) - entry(sums, r)) - expected) * factor);
      }
    }
    return 0;
  },

  softmax({ ys }, { xs }, { temperature, R, V }) {
    const [y, x] = [new Rows(ys, V), new Rows(xs, V)];
    for (let r = 0; r < R; r++) {
      const scaled = Array.from({ length: V }, (_, v) => x.at(r, v) / temperature);
      const most = scaled.reduce((a, b) => Math.max(a, b));
      const weights = scaled.map((a) => Math.exp(a - most));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (const [v, weight] of weights.entries()) y.set(r, v, weight / total);
    }
    return 0;
  },

  quantize({ packed }, { weight }, { G, O, K }) {
    const columns = Math.ceil(K / 2) * 2;
    const [values, panel] = [weight.data, 16 * (columns + 4)];
    const view = new DataView(packed.arena.buffer, packed.offset, G * Math.ceil(O / 16) * panel);
    for (let g = 0; g < G; g++)
      for (let lane = 0; lane < Math.ceil(O / 16) * 16; lane++) {
        const row = g * O + Math.min(lane, O - 1);
        const { bytes, scale } = quantizeRow(values.subarray(row * K, (row + 1) * K));
        const at = (g * Math.ceil(O / 16) + Math.floor(lane / 16)) * panel;
        if (columns > K) view.setInt8(at + 16 * (K - 1) + 2 * (lane % 16) + 1, 0);
        for (const [k, byte] of bytes.entries())
          view.setInt8(at + 16 * (k - (k % 2)) + 2 * (lane % 16) + (k % 2), byte);
        view.setFloat32(at + 16 * columns + 4 * (lane % 16), scale, true);
      }
    return 0;
  },

  argmax({ ids }, { logits }, { R, V }) {
    const [out, x] = [ids.data, new Rows(logits, V)];
    for (let r = 0; r < R; r++) {
      let best = 0;
      for (let v = 1; v < V; v++) if (x.at(r, v) > x.at(r, best)) best = v;
      out[r] = best;
    }
    return 0;
  },

  dropout({ ys }, { xs }, { rate, seed, stream, step, R }) {
    const [y, x] = [ys.data, xs.data];
    const limit = Math.trunc(Math.fround(rate) * 2 ** 24);
    for (let r = 0; r < R; r += 4) {
      const words = philox([r / 4, step, 0, 0], seed, stream);
      for (const [i, word] of words.entries())
        if (r + i < R) y[r + i] = word >>> 8 < limit ? 0 : entry(x, r + i) / (1 - rate);
    }
    return 0;
  },

  copyColumns({ ys }, { xs }, { R, O, to, D, from, columns }) {
    const [y, x] = [new Rows(ys, O), new Rows(xs, D)];
    for (let r = 0; r < R; r++) for (let j = 0; j < columns; j++) y.set(r, to + j, x.at(r, from + j));
    return 0;
  },

  tanhForward({ ys }, { xs }, { R }) {
    const [y, x] = [ys.data, xs.data];
    for (let r = 0; r < R; r++) y[r] = Math.tanh(entry(x, r));
    return 0;
  },

  tanhBackward({ dxs }, { dys, ys }, { R }) {
    const [dx, dy, y] = [dxs.data, dys.data, ys.data];
    for (let r = 0; r < R; r++) dx[r] = entry(dy, r) * (1 - entry(y, r) ** 2);
    return 0;
  },

  accumulate({ ys }, { xs }, { R }) {
    const [y, x] = [ys.data, xs.data];
    for (let r = 0; r < R; r++) y[r] = entry(y, r) + entry(x, r);
    return 0;
  },

  sumOfSquares(_, { xs, ids }, { R, D }) {
    const x = new Rows(xs, D);
    let total = 0;
    for (let r = 0; r < R; r++) for (let d = 0; d < D; d++) total += x.at(ids ? entry(ids.data, r) : r, d) ** 2;
    return total;
  },

  sgd({ value, grad }, { ids }, { rate, scale, R, D }) {
    const [x, dx] = [new Rows(value, D), new Rows(grad, D)];
    for (let r = 0; r < R; r++) {
      const row = ids ? entry(ids.data, r) : r;
      for (let d = 0; d < D; d++) {
        x.set(row, d, x.at(row, d) - rate * scale * dx.at(row, d));
        dx.set(row, d, 0);
      }
    }
    return 0;
  },

  adam({ value, m, v, grad }, _, { rate, scale, beta1, beta2, epsilon, bias1, bias2, R }) {
    const [x, dx, first, second] = [value.data, grad.data, m.data, v.data];
    for (let r = 0; r < R; r++) {
      const g = scale * entry(dx, r);
      first[r] = entry(first, r) + (1 - beta1) * (g - entry(first, r));
      second[r] = entry(second, r) + (1 - beta2) * (g * g - entry(second, r));
      x[r] = entry(x, r) - (rate * (entry(first, r) / bias1)) / (Math.sqrt(entry(second, r) / bias2) + epsilon);
    }
    dx.fill(0, 0, R);
    return 0;
  },
});

/** Returns `list[i]`. @throws RangeError when there is no such element */
export function entry(list: Float32Array | Int32Array | Float64Array, i: number): number {
  const value = list[i];
  if (value === undefined) throw new RangeError(`expected an index below ${list.length}, got ${i}`);
  return value;
}
