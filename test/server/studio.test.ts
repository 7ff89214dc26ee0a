import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SeqloomError } from "../../src/engine/errors.js";
import { serveFolder, serveStudio } from "../../src/server/studio.js";
import { makeFolder } from "../helpers/folder.js";

function makePage(): string {
  const folder = makeFolder();
  writeFileSync(join(folder, "secret.txt"), "secret");
  const page = join(folder, "page");
  mkdirSync(join(page, "assets"), { recursive: true });
  writeFileSync(join(page, "index.html"), "<!doctype html>");
  writeFileSync(join(page, "assets", "kernels.wasm"), "wasm");
  return page;
}

/** The answer to a path just as it is written: `fetch` would tidy it up first. */
function ask(url: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    request({ hostname, port, path }, (response) => {
      let body = "";
      response.on("data", (part) => {
        body += part;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on("error", reject)
      .end();
  });
}

describe("the server of the studio", () => {
  test("serves the page and its files with the headers that let it use threads", async () => {
    const app = serveFolder(makePage());
    for (const [path, type, body] of [
      ["/", "text/html; charset=utf-8", "<!doctype html>"],
      ["/assets/kernels.wasm", "application/wasm", "wasm"],
    ] as const) {
      const response = await app.request(`http://127.0.0.1${path}`);
      expect([response.status, await response.text()]).toEqual([200, body]);
      expect(response.headers.get("Content-Type")).toBe(type);
      expect(response.headers.get("Cross-Origin-Opener-Policy")).toBe("same-origin");
      expect(response.headers.get("Cross-Origin-Embedder-Policy")).toBe("require-corp");
    }
  });

  test("finds nothing outside its folder", async () => {
    const server = await serveStudio(0, makePage());
    try {
      expect(await ask(server.url, "/")).toEqual({ status: 200, body: "<!doctype html>" });
      for (const path of ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/..\\..\\..\\secret.txt"])
        expect(await ask(server.url, path), path).not.toMatchObject({ status: 200 });
    } finally {
      server.close();
    }
  });

  test("answers to 127.0.0.1 and localhost alone", async () => {
    const app = serveFolder(makePage());
    expect((await app.request("http://localhost/")).status).toBe(200);
    expect((await app.request("http://elsewhere.example/")).status).toBe(403);
  });

  test("says so when its port is taken, and when the page was not built", async () => {
    const server = await serveStudio(0, makePage());
    const { port } = new URL(server.url);
    await expect(serveStudio(Number(port), makePage())).rejects.toThrow(
      new SeqloomError(`\`port\`: expected a free port, got ${port}.`, "leave `port` out to use any free one"),
    );
    server.close();
    await expect(serveStudio(0, "/no/such/folder")).rejects.toThrow(/^\/no\/such\/folder: expected the built studio/);
  });
});
