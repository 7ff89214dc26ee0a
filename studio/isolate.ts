/**
 * On hosts that do not send the isolation headers, a service worker adds them. The page then reloads once, before anyone
 * has typed anything, and can use threads. The service worker also caches the page for offline use.
 */
const KEY = "seqloom isolated";

/** @returns true if the page is about to reload */
export async function isolate(): Promise<boolean> {
  const isServedHere = crossOriginIsolated && !navigator.serviceWorker?.controller && isLocal();
  if (!("serviceWorker" in navigator) || isServedHere) return false;
  try {
    await navigator.serviceWorker.register("./service-worker.js");
    if (crossOriginIsolated || sessionStorage.getItem(KEY)) return false;
    if (!(await Promise.race([navigator.serviceWorker.ready, patience()]))) return false;
    sessionStorage.setItem(KEY, "tried"); // only once: if it does not help, the page works with one thread
    location.reload();
    return true;
  } catch {
    return false; // in a private window, for example: the page works with one thread
  }
}

/** A timeout: a service worker that cannot be installed never reports it. */
function patience(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, 5000, undefined));
}

/** True for `seqloom studio`, which sends the headers itself; each port may serve a different version. */
function isLocal(): boolean {
  return ["127.0.0.1", "localhost"].includes(location.hostname);
}
