// How time and memory of a training step grow: N, T, H, V and the number of layers are doubled, one at a time, and held
// against the arithmetic. Prints a table in Markdown and draws bench/growth.svg.
//
//     node bench/growth.mjs [--backend native] [--threads 1] [--precision float32] [--passes 3] [--seconds 1]
//
// Everything is measured in several passes, and of each point the quietest counts.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { cases } from "../dist/bench/cases.js";
import { describeEngine, withEngine } from "../dist/bench/engine.js";
import { timeSteps } from "../dist/bench/time-steps.js";
import { drawGrowth } from "./growth-chart.mjs";

const { values } = parseArgs({
  options: {
    backend: { type: "string", default: "native" },
    threads: { type: "string", default: "1" },
    precision: { type: "string", default: "float32" },
    passes: { type: "string", default: "3" },
    seconds: { type: "string", default: "1" },
  },
});
const engine = { backend: values.backend, threads: Number(values.threads), precision: values.precision };
const patience = { steps: 40, seconds: Number(values.seconds) };

const base = cases.rnnlm.at({ N: 16, T: 16, D: 128, H: 128, V: 2000, layers: 1 });
const DOUBLINGS = 4;

/** Floats that a step needs: parameters and their gradients, what backward needs of forward, and room for its products. */
function floatsOf({ N, T, D, H, V, layers }) {
  const widths = Array.from({ length: layers }, (_, layer) => (layer === 0 ? D : H));
  const parameters = V * D + H * V + V + widths.reduce((sum, width) => sum + 4 * H * (width + H + 1), 0);
  // The embedding's output, each layer's (see LSTM) with the gradient of its input, the logits and theirs in one place.
  const kept = N * T * D + widths.reduce((sum, width) => sum + N * T * (6 * H + width) + 6 * N * H, 0);
  // The state's weights once more, in the order of the product, and each word's share in the gates where it is a table.
  const room = 4 * H * H + (V <= N * T ? V * 4 * H : 0);
  return 2 * parameters + kept + N * T * (V + H) + room;
}

const measure = (chosen) =>
  withEngine(engine, async (backend) => {
    const ms = await timeSteps(chosen.prepare(backend), patience);
    return { ms, bytes: backend.arena.bytes, flops: chosen.floor, floats: floatsOf(chosen.shape) };
  });

const series = ["N", "T", "H", "V", "layers"].map((letter) => ({
  letter,
  points: Array.from({ length: DOUBLINGS + 1 }, (_, i) => ({ size: base.shape[letter] * 2 ** i, ms: Infinity })),
}));
for (let pass = 0; pass < Number(values.passes); pass++)
  for (const { letter, points } of series)
    for (const point of points) {
      const measured = await measure(base.at({ [letter]: point.size }));
      Object.assign(point, measured, { ms: Math.min(point.ms, measured.ms) });
    }

const times = (x, y) => (y ? `×${(x / y).toFixed(2)}` : "");
const cell = (text) => text.padStart(8);
const row = (cells) => console.log(`| ${cells.map(cell).join(" | ")} |`);
console.log(`${describeEngine(engine)}; the base is ${JSON.stringify(base.shape)}.\n`);
row(["", "size", "ms", "time", "FLOP", "MiB", "memory", "floats"]);
row(["---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:"]);
for (const { letter, points } of series)
  for (const [i, { size, ms, bytes, flops, floats }] of points.entries()) {
    const before = points[i - 1];
    const time = [ms.toPrecision(3), times(ms, before?.ms), times(flops, before?.flops)];
    const memory = [(bytes / 2 ** 20).toFixed(1), times(bytes, before?.bytes), times(floats, before?.floats)];
    row([letter, String(size), ...time, ...memory]);
  }
writeFileSync(new URL("growth.svg", import.meta.url), drawGrowth(describeEngine(engine), series));
