// seqloom and a peer at the same work, in turn in one run: A B A B …; medians, and the median of the ratios round by round.
//
//     node bench/pairs.mjs rnnlm --peer pytorch --threads 2 --precision bf16 --rounds 15
//     node bench/pairs.mjs --all
//
// Peers that can use threads run with one and with two, and the better median counts. Build seqloom first; what the
// peers need says bench/peers/README.md.

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { cases } from "../dist/bench/cases.js";
import { median } from "../dist/bench/time-steps.js";
import { Contestant, contestants } from "./contestant.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: "boolean", default: false },
    peer: { type: "string", default: "pytorch" },
    backend: { type: "string", default: "native" },
    precision: { type: "string", default: "float32" },
    threads: { type: "string", default: String(availableParallelism()) },
    rounds: { type: "string", default: "15" },
    // How long a round lasts, in milliseconds; one step at least.
    round: { type: "string", default: "400" },
  },
});

const pair = (name, { peer = "pytorch", backend = "native", precision = "float32" } = {}) => ({
  ...{ name, peer, backend, precision },
});
const generations = Object.keys(cases).filter((name) => cases[name].kind === "generate");

/** The whole table. */
const all = [
  ...["addition-plain", "addition-peeky", "rnnlm", "better-rnnlm"].map((name) => pair(name)),
  pair("better-rnnlm", { precision: "bf16" }),
  pair("evaluate-addition"),
  ...generations.flatMap((name) => ["float32", "bf16", "int8"].map((precision) => pair(name, { precision }))),
  ...generations.flatMap((name) =>
    ["float32", "int8"].map((precision) => pair(name, { precision, peer: "onnxruntime" })),
  ),
  pair("addition-plain", { backend: "wasm", peer: "tfjs-wasm" }),
  pair("addition-plain", { backend: "wasm", peer: "tfjs-cpu" }),
];

/** Runs ours and the peer in turn. @returns the times of each in milliseconds per step, round by round */
async function runPair({ name, peer, backend, precision }) {
  const work = { case: name, shape: JSON.stringify(cases[name].shape) };
  const counts = peer.startsWith("tfjs") ? [1] : [1, 2];
  const ours = new Contestant("seqloom", { case: name, backend, precision, threads: values.threads });
  const peers = counts.map((threads) => ({ threads, program: new Contestant(peer, { ...work, threads }) }));
  const programs = [ours, ...peers.map(({ program }) => program)];
  try {
    for (const program of programs) await program.start(Number(values.round));
    const times = programs.map(() => []);
    let threads = 1;
    for (let round = 0; round < Number(values.rounds); round++)
      for (const [i, program] of programs.entries()) {
        const report = await program.round();
        times[i].push(report.msPerStep);
        if (i === 0) threads = report.threads;
      }
    const [mine, ...theirs] = times;
    const best = theirs.reduce((a, b) => (median(b) < median(a) ? b : a));
    const peerThreads = peers[theirs.indexOf(best)].threads;
    return {
      threads,
      peerThreads,
      mine: median(mine),
      theirs: median(best),
      ratio: median(best.map((ms, i) => ms / mine[i])),
    };
  } finally {
    for (const program of programs) program.end();
  }
}

function row(cells) {
  return `| ${cells.join(" | ")} |`;
}

function speed(name, ms) {
  if (cases[name].kind === "generate") return `${Math.round(1000 / ms).toLocaleString("en")} tokens/s`;
  return `${ms < 100 ? ms.toPrecision(3) : ms.toFixed(0)} ms`;
}

const onThreads = (count) => `${count} ${count === 1 ? "thread" : "threads"}`;

const [name = ""] = positionals;
if (!values.all && !(name in cases))
  throw new Error(`expected --all or one of ${Object.keys(cases).join(", ")}, got "${name}".`);
if (!(values.peer in contestants))
  throw new Error(`--peer: expected one of ${Object.keys(contestants).join(", ")}, got "${values.peer}".`);

console.log(row(["case", "seqloom", "", "peer", "", "ratio"]));
console.log(row(["---", "---", "---:", "---", "---:", "---:"]));
for (const chosen of values.all ? all : [pair(name, values)]) {
  const [left, right] = [`${chosen.backend}, ${chosen.precision}`, chosen.peer];
  try {
    const { threads, peerThreads, mine, theirs, ratio } = await runPair(chosen);
    const cells = [`${left}, ${onThreads(threads)}`, speed(chosen.name, mine)];
    const others = [`${right}, ${onThreads(peerThreads)}`, speed(chosen.name, theirs)];
    console.log(row([chosen.name, ...cells, ...others, `${ratio.toFixed(2)}×`]));
  } catch (error) {
    console.log(row([chosen.name, left, "–", right, "–", `not run: ${error.message}`]));
  }
}
