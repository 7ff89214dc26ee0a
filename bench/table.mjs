// The reports of `seqloom bench` as a table in Markdown.
//
//     npx seqloom bench --json | node bench/table.mjs

import { text } from "node:stream/consumers";

const lines = (await text(process.stdin)).trim().split("\n");
const reports = lines.map((line) => JSON.parse(line));

const row = (cells) => console.log(`| ${cells.join(" | ")} |`);
row([
  "engine",
  "case",
  "ms/step",
  "GFLOP/s",
  "share of the best product",
  "tokens/s",
  "GB/s of weights",
  "at a random shape",
]);
row(["---", "---", "---:", "---:", "---:", "---:", "---:", "---"]);
for (const [i, usual] of reports.entries()) {
  if (usual.random) continue;
  const drawn = reports[i + 1];
  const { backend, instructionSet, threads, precision, msPerStep, gflops, peakGflops, shareOfPeak } = usual;
  const engine = `${backend} (${instructionSet}), ${threads} thread${threads === 1 ? "" : "s"}, ${precision}`;
  const generation = [usual.tokensPerSecond?.toFixed(0) ?? "", usual.weightGigabytesPerSecond?.toFixed(1) ?? ""];
  const sizes = drawn?.random && Object.entries(drawn.shape).map(([letter, size]) => `${letter} ${size}`);
  const other = sizes ? `${percent(drawn.shareOfPeak / usual.shareOfPeak)} of that share (${sizes.join(" ")})` : "";
  const speed = [msPerStep < 100 ? msPerStep.toPrecision(3) : msPerStep.toFixed(0), gflops.toFixed(1)];
  row([engine, usual.case, ...speed, `${percent(shareOfPeak)} of ${peakGflops.toFixed(0)}`, ...generation, other]);
}

function percent(share) {
  return `${(100 * share).toFixed(0)} %`;
}
