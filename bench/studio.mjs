// How fast the studio trains in a page, beside the same WebAssembly build in Node with as many threads, and for how long
// the page's main thread is busy at a stretch meanwhile. Build first; a Chromium on the PATH, or $CHROMIUM.
//
//     node bench/studio.mjs
//
// Both train the book's peeky seq2seq on addition, in turn (A B A B …); the best of each counts, since other programs on
// the machine can only slow them down.

import { execFileSync } from "node:child_process";
import { chromium } from "playwright-core";
import { Adam, addition, PairBatches, Seq2Seq, Trainer } from "seqloom";
import { openBackend } from "seqloom/node";
import { serveStudio } from "../dist/server/studio.js";

const ROUNDS = 4;
const LEAST_SHARE = 0.7;
const MOST_TASK = 50;

const { CHROMIUM = execFileSync("which", ["chromium"], { encoding: "utf8" }).trim() } = process.env;
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
const server = await serveStudio(0);
const page = await browser.newPage({ locale: "en-US" });
await page.goto(server.url);
const start = page.locator("form button.main:enabled");
await start.waitFor();
const threads = await page.evaluate(() => Math.min(navigator.hardwareConcurrency, 8));

/** Updates per second while one epoch lasts, as the page's own bar shows them; drawing and ten answers are part of it. */
async function inPage() {
  await page.getByLabel("Epochs").fill("1");
  const seen = await page.evaluateHandle(() => {
    const seen = [];
    const look = () => {
      const bar = document.querySelector(".run-head:has(.status.training) progress");
      if (bar && bar.value > 0 && bar.value !== seen.at(-1)?.step)
        seen.push({ step: bar.value, time: performance.now() });
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
    return seen;
  });
  await start.click();
  await page.locator(".run-head .status:not(.done)").waitFor();
  await page.locator(".run-head .status.done").waitFor({ timeout: 300_000 });
  const points = await seen.jsonValue();
  const [first, last] = [points.at(0), points.at(-1)];
  return (1000 * (last.step - first.step)) / (last.time - first.time);
}

/** Updates per second of the same model, data and kernels. */
async function inNode() {
  const backend = await openBackend("wasm", { threads });
  const data = addition({ digits: 3, seed: 1 });
  const model = Seq2Seq.for(backend, data, { decoder: "peeky", reverse: true }).initialize(1);
  const trainer = new Trainer(backend, model, new Adam(backend, model.params, 0.004));
  const batches = new PairBatches(backend, data.train, { batchSize: 128, seed: 1 });
  let [first, last] = [undefined, undefined];
  for await (const { kind, step } of trainer.run(batches, {
    epochs: 1,
    gradClip: 5,
    lrSchedule: "cosine",
    reportEvery: 1,
  }))
    if (kind === "step") {
      last = { step, time: performance.now() };
      if (step > 5) first ??= last;
    }
  backend.close();
  return (1000 * (last.step - first.step)) / (last.time - first.time);
}

/** The longest task of the page's main thread while it trains, in milliseconds, from the browser's own record. */
async function longestTask() {
  await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
  await inPage();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const main = traceEvents.find(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const tasks = traceEvents.filter(
    ({ name, pid, tid, dur }) => pid === main.pid && tid === main.tid && dur && name.endsWith("RunTask"),
  );
  return { longest: Math.max(...tasks.map(({ dur }) => dur)) / 1000, tasks: tasks.length };
}

const speeds = { page: [], node: [] };
for (let i = 0; i < ROUNDS; i++) {
  speeds.page.push(await inPage());
  speeds.node.push(await inNode());
}
const [ofPage, ofNode] = [Math.max(...speeds.page), Math.max(...speeds.node)];
const { longest, tasks } = await longestTask();
await browser.close();
server.close();

const share = ofPage / ofNode;
console.log(`| what | measured | goal |
| --- | ---: | ---: |
| steps per second in the page, ${threads} threads | ${ofPage.toFixed(1)} | |
| steps per second in Node, WebAssembly, ${threads} threads | ${ofNode.toFixed(1)} | |
| the page's share of Node's speed | ${(100 * share).toFixed(0)} % | at least ${100 * LEAST_SHARE} % |
| longest task of the page's main thread, of ${tasks} | ${longest.toFixed(1)} ms | at most ${MOST_TASK} ms |`);
if (share < LEAST_SHARE || longest > MOST_TASK) process.exitCode = 1;
