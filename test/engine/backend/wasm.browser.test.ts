import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { extname } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { launchChromium, skipWithoutChromium } from "../../helpers/chromium.js";

/** A product with 1 and with 3 threads: the same bits, from a page that may share memory with workers or may not. */
const page = `<!doctype html><script type="module">
import { openWasm } from "/dist/engine/backend/wasm.js";
let workers = 0;
const startThread = (thread) => {
  const worker = new Worker("/thread.js", { type: "module" });
  const ready = new Promise((resolve, reject) => {
    worker.onerror = reject;
    worker.onmessage = () => resolve(workers++);
  });
  worker.postMessage(thread);
  return { ready, end: () => worker.terminate() };
};
const bytes = await (await fetch("/dist/kernels/kernels.wasm")).arrayBuffer();
const [N, T, D, C, O] = [1, 150, 90, 0, 130];
const product = async (options) => {
  const backend = await openWasm(bytes, options);
  const [ys, xs, weight] = [[N, T, O], [N, T, D], [O, D]].map((shape) => backend.arena.tensor(shape));
  for (const { data } of [xs, weight]) data.forEach((_, i) => (data[i] = Math.sin(i)));
  for (let i = 0; i < 20; i++) backend.kernels.linearForward({ ys }, { xs, weight }, { N, T, D, C, O });
  return { threads: backend.threads, bits: [...new Uint32Array(ys.data.slice().buffer)] };
};
const one = await product({});
const many = await product(crossOriginIsolated ? { threads: 3, startThread } : {});
window.result = {
  isolated: crossOriginIsolated, threads: many.threads, workers,
  sum: one.bits.length, same: one.bits.every((bit, i) => bit === many.bits[i]),
};
</script>`;

const files: Record<string, string> = {
  "/": page,
  "/thread.js": `import { runThread } from "/dist/engine/backend/wasm-thread.js";
onmessage = ({ data }) => runThread(data, () => postMessage("ready"));`,
};
const types: Record<string, string> = { ".js": "text/javascript", ".wasm": "application/wasm", "": "text/html" };
const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** Serves the page, and what was built, on a port of its own. */
async function serve(headers: Record<string, string>): Promise<{ server: Server; url: string }> {
  const server = createServer(({ url = "/" }, response) => {
    const built = /^\/dist\/[\w/.-]+$/.test(url) && !url.includes("..");
    response.writeHead(200, { "Content-Type": types[extname(url)] ?? "text/plain", ...headers });
    response.end(built ? readFileSync(url.slice(1)) : (files[url] ?? ""));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("expected a port");
  return { server, url: `http://127.0.0.1:${address.port}/` };
}

const Result = z.object({
  isolated: z.boolean(),
  threads: z.number(),
  workers: z.number(),
  sum: z.number(),
  same: z.boolean(),
});

describe.skipIf(skipWithoutChromium)("WebAssembly in a page", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  async function open(headers: Record<string, string>) {
    const { server, url } = await serve(headers);
    const tab = await browser.newPage();
    const errors: string[] = [];
    tab.on("pageerror", (error) => errors.push(error.message));
    try {
      await tab.goto(url);
      await tab.waitForFunction("window.result", undefined, { timeout: 20_000 }).catch(() => {});
      expect(errors).toEqual([]);
      return Result.parse(await tab.evaluate("window.result"));
    } finally {
      await tab.close();
      server.close();
    }
  }

  test("that is cross-origin isolated computes on workers, with the bits of one thread", async () => {
    expect(await open(isolation)).toEqual({ isolated: true, threads: 3, workers: 2, sum: 150 * 130, same: true });
  });

  test("that is not computes on one thread, without an error", async () => {
    expect(await open({})).toEqual({ isolated: false, threads: 1, workers: 0, sum: 150 * 130, same: true });
  });
});
