// The training step "addition, plain" in TensorFlow.js. Its WebAssembly backend cannot train an embedding that gathers,
// so one-hot vectors are multiplied by it.
//
//     node bench/peers/tfjs.mjs --backend wasm|cpu [--steps 5]

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { serve } from "../serve.mjs";

const { values } = parseArgs({
  options: {
    backend: { type: "string", default: "wasm" },
    shape: { type: "string", default: '{"N":128,"S":7,"T":4,"D":16,"H":128,"V":13}' },
    steps: { type: "string" },
    case: { type: "string", default: "addition-plain" },
    threads: { type: "string", default: "1" },
  },
});
const { N, S, T, D, H, V } = JSON.parse(values.shape);

setWasmPaths(join(dirname(fileURLToPath(import.meta.resolve("@tensorflow/tfjs-backend-wasm"))), "/"));
await tf.setBackend(values.backend);
await tf.ready();

const weight = (rows, columns) => tf.variable(tf.randomNormal([rows, columns], 0, 1 / Math.sqrt(rows)));
const lstm = () => ({ input: weight(D, 4 * H), hidden: weight(H, 4 * H), bias: tf.variable(tf.zeros([4 * H])) });
const [read, write, encoder, decoder] = [weight(V, D), weight(V, D), lstm(), lstm()];
const out = { weight: weight(H, V), bias: tf.variable(tf.zeros([V])) };

/** Runs an LSTM over ids (steps, N). @returns the hidden state after each step */
function run({ input, hidden, bias }, embedding, ids, h, c) {
  const xs = tf.oneHot(ids.flatten(), V).cast("float32").matMul(embedding);
  const hs = [];
  for (const projected of tf.split(xs.matMul(input).add(bias), ids.shape[0])) {
    const [i, f, g, o] = tf.split(projected.add(h.matMul(hidden)), 4, 1);
    c = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
    h = o.sigmoid().mul(c.tanh());
    hs.push(h);
  }
  return hs;
}

function lossOf(source, target) {
  const zeros = tf.zeros([N, H]);
  const state = run(encoder, read, source, zeros, zeros).at(-1);
  const hs = run(decoder, write, target.slice([0, 0], [T, N]), state, zeros);
  const logits = tf.concat(hs).matMul(out.weight).add(out.bias);
  return tf.losses.softmaxCrossEntropy(tf.oneHot(target.slice([1, 0], [T, N]).flatten(), V), logits);
}

const adam = tf.train.adam(0.001);
const draw = (rows) => tf.randomUniform([rows, N], 0, V, "int32");
const batches = Array.from({ length: 20 }, () => [draw(S), draw(T + 1)]);
let updates = 0;

async function step() {
  const loss = tf.tidy(() => {
    const { value, grads } = tf.variableGrads(() => lossOf(...batches[updates++ % batches.length]));
    const norm = tf.addN(Object.values(grads).map((grad) => grad.square().sum())).sqrt();
    const factor = tf.minimum(1, tf.div(5, norm.add(1e-6)));
    adam.applyGradients(Object.fromEntries(Object.entries(grads).map(([name, grad]) => [name, grad.mul(factor)])));
    return value;
  });
  const [value] = await loss.data();
  loss.dispose();
  if (!Number.isFinite(value)) throw new Error(`expected a finite loss, got ${value}.`);
}

const work = { steps: 1, run: step };
await serve(work, { case: values.case, backend: values.backend, threads: 1, steps: Number(values.steps ?? 0) });
