export {};

declare const self: ServiceWorkerGlobalScope;
/** The files of the page, filled in by the build. */
declare const __FILES__: readonly string[];

/**
 * Caches the page for offline use, and adds the headers that enable threads, for hosts that cannot send them.
 */
const files = __FILES__;
const cacheName = `studio ${files.join(" ")}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll([...files]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(takeOver());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(answer(request));
});

async function takeOver(): Promise<void> {
  for (const name of await caches.keys())
    if (name.startsWith("studio ") && name !== cacheName) await caches.delete(name);
  await self.clients.claim();
}

/** Serves the page from the network first, so that it is up to date, and its files from the cache: they never change. */
async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  const same = await cache.match(request, { ignoreSearch: true });
  const kept = same ?? (request.mode === "navigate" ? await cache.match("./") : undefined);
  if (kept && request.mode !== "navigate") return isolated(kept);
  try {
    return isolated(await fetch(request));
  } catch (error) {
    if (kept) return isolated(kept);
    throw error;
  }
}

function isolated(response: Response): Response {
  if (response.status === 0 || response.type === "opaque") return response;
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
