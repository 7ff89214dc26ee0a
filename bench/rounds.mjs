// A case of `seqloom bench` as a program that bench/pairs.mjs can run in turn with another.
//
//     node bench/rounds.mjs --case rnnlm --backend native --threads 2 --precision float32 [--steps 20]

import { parseArgs } from "node:util";
import { cases } from "../dist/bench/cases.js";
import { openBackend } from "../dist/node/index.js";
import { serve } from "./serve.mjs";

const { values } = parseArgs({
  options: {
    case: { type: "string", default: "addition-plain" },
    backend: { type: "string", default: "native" },
    threads: { type: "string", default: "1" },
    precision: { type: "string", default: "float32" },
    steps: { type: "string" },
  },
});
const { precision } = values;
const chosen = cases[values.case];
if (!chosen) throw new Error(`--case: expected one of ${Object.keys(cases).join(", ")}, got "${values.case}".`);
const backend = await openBackend(values.backend, { threads: Number(values.threads), precision });
if (backend.precision !== precision) throw new Error(`expected ${precision}, got ${backend.precision}.`);

const work = chosen.prepare(backend);
const { threads } = backend;
const details = { case: values.case, backend: backend.name, threads, precision, steps: Number(values.steps ?? 0) };
await serve(work, { ...details, isGeneration: chosen.kind === "generate" });
backend.close();
