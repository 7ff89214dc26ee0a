import { readdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { SeqloomError } from "../engine/errors.js";

/** The folder of the built page: the same from src/server and from dist/server. */
const studioFolder = fileURLToPath(new URL("../../dist/studio/", import.meta.url));

const HOST = "127.0.0.1";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** The first two headers enable threads; the others isolate the page. */
const headers: Readonly<Record<string, string>> = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Content-Security-Policy":
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-cache",
};

/** A server for the files that a folder contains at the start, and nothing else. */
export function serveFolder(folder: string): Hono {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const files = new Map(
    names.map((path) => [`/${path.slice(folder.length).replaceAll("\\", "/").replace(/^\//, "")}`, path]),
  );
  const app = new Hono();
  app.use(async (c, next) => {
    // Rejects other host names that resolve to this machine (DNS rebinding).
    const { hostname } = new URL(c.req.url);
    if (hostname !== HOST && hostname !== "localhost") return c.text("expected 127.0.0.1\n", 403);
    await next();
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
    return;
  });
  app.get("*", (c) => {
    const path = files.get(c.req.path.endsWith("/") ? `${c.req.path}index.html` : c.req.path);
    if (path === undefined) return c.text("not found\n", 404);
    return c.body(new Uint8Array(readFileSync(path)), 200, { "Content-Type": types[extname(path)] ?? "text/plain" });
  });
  return app;
}

export interface StudioServer {
  readonly url: string;
  /** Closes all connections. */
  close(): void;
}

/**
 * Serves the studio on 127.0.0.1, to this machine only.
 * @param port 0 for any free port
 * @throws SeqloomError if the port is in use or the page was not built
 */
export async function serveStudio(port: number, folder = studioFolder): Promise<StudioServer> {
  const app = openFolder(folder);
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: HOST }, (info: AddressInfo) =>
      resolve({
        url: `http://${HOST}:${info.port}/`,
        close() {
          server.close();
          if ("closeAllConnections" in server) server.closeAllConnections();
        },
      }),
    );
    server.on("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE" || error.code === "EACCES"
          ? new SeqloomError(`\`port\`: expected a free port, got ${port}.`, "leave `port` out to use any free one")
          : error,
      ),
    );
  });
}

function openFolder(folder: string): Hono {
  try {
    return serveFolder(folder);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    throw new SeqloomError(`${folder}: expected the built studio, got no such folder.`, "run npm run build");
  }
}
