// Generation with onnxruntime-node: one token at a time, drawn from the whole distribution.
//
//     node bench/peers/onnxruntime.mjs --case generate-rnnlm --threads 2 [--steps 1000]

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { serve } from "../serve.mjs";

const { values } = parseArgs({
  options: {
    case: { type: "string", default: "generate-rnnlm" },
    shape: { type: "string", default: '{"D":100,"H":100,"V":10000,"layers":1}' },
    threads: { type: "string", default: "1" },
    steps: { type: "string" },
  },
});
const { H, layers } = JSON.parse(values.shape);
const threads = Number(values.threads);

const folder = mkdtempSync(join(tmpdir(), "seqloom-onnx-"));
const model = join(folder, "model.onnx");
const script = fileURLToPath(new URL("onnx-export.py", import.meta.url));
execFileSync(process.env.PYTHON ?? "/usr/bin/python3", [script, values.shape, model], {
  stdio: ["ignore", "ignore", "inherit"],
});
const session = await InferenceSession.create(model, { intraOpNumThreads: threads, interOpNumThreads: 1 });
rmSync(folder, { recursive: true });

const zeros = () => new Tensor("float32", new Float32Array(layers * H), [layers, 1, H]);
let [token, h, c] = [0, zeros(), zeros()];

async function step() {
  const input = new Tensor("int64", BigInt64Array.of(BigInt(token)), [1, 1]);
  const outputs = await session.run({ token: input, h0: h, c0: c });
  [h, c] = [outputs.h, outputs.c];
  token = draw(outputs.probabilities.data);
}

function draw(probabilities) {
  let left = Math.random();
  for (let id = 0; id < probabilities.length; id++) {
    left -= probabilities[id];
    if (left < 0) return id;
  }
  return probabilities.length - 1;
}

const work = { steps: 1, run: step };
await serve(work, { case: values.case, threads, steps: Number(values.steps ?? 0), isGeneration: true });
