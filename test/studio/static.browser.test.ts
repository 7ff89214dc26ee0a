import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium, skipWithoutChromium } from "../helpers/chromium.js";

const built = fileURLToPath(new URL("../../dist/studio", import.meta.url));
const types: Readonly<Record<string, string>> = {
  ...{ ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".svg": "image/svg+xml" },
  ".html": "text/html",
};

/** A host that sends files, in a folder of its own, and no headers of ours. */
function serveStatic(): Promise<{ server: Server; url: string }> {
  const server = createServer(({ url = "/" }, response) => {
    const path = url.replace(/^\/some\/folder/, "").replace(/\/$/, "/index.html");
    try {
      const bytes = readFileSync(`${built}${path}`);
      response.writeHead(200, { "Content-Type": types[extname(path)] ?? "text/plain" }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      resolve({ server, url: `http://127.0.0.1:${port}/some/folder/` });
    }),
  );
}

describe.skipIf(skipWithoutChromium)("the studio on a host that sends no headers", () => {
  let browser: Browser;
  let host: { server: Server; url: string };
  beforeAll(async () => {
    [browser, host] = await Promise.all([launchChromium(), serveStatic()]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    host?.server.close();
  });

  async function open(serviceWorkers: "allow" | "block") {
    const context = await browser.newContext({ serviceWorkers, locale: "en-US" });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(host.url);
    await page.locator("form button.main:enabled").waitFor();
    return { context, page, errors };
  }

  test("adds them by its service worker, and opens again without the host", async () => {
    const { context, page, errors } = await open("allow");
    expect(await page.evaluate("crossOriginIsolated")).toBe(true);
    host.server.closeAllConnections();
    await new Promise((resolve) => host.server.close(resolve));
    await page.reload();
    await page.locator("form button.main:enabled").waitFor();
    expect(await page.evaluate("crossOriginIsolated")).toBe(true);
    expect(errors).toEqual([]);
    await context.close();
    host = await serveStatic();
  });

  test("works on one thread where there is no service worker", async () => {
    const { context, page, errors } = await open("block");
    expect(await page.evaluate("crossOriginIsolated")).toBe(false);
    await page.getByText("one thread", { exact: false }).waitFor();
    await page.getByLabel("Digits").fill("1");
    await page.getByLabel("Hidden size H").fill("8");
    await page.getByLabel("Epochs").fill("2");
    await page.getByRole("button", { name: "Start training" }).click();
    const state = () => page.locator(".run-head .status").textContent();
    await expect.poll(state, { timeout: 20_000 }).toBe("done");
    expect(errors).toEqual([]);
    await context.close();
  });
});
