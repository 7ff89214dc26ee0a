/**
 * On hosts that send no headers a service worker adds them: the page is then loaded once more, before anybody has typed
 * anything, and may use threads. It also keeps the page for when there is no network.
 */
const KEY = "seqloom isolated";

/** @returns whether the page is about to be loaded anew */
export async function isolate(): Promise<boolean> {
  const isServedHere = crossOriginIsolated && !navigator.serviceWorker?.controller && isLocal();
  if (!("serviceWorker" in navigator) || isServedHere) return false;
  try {
    await navigator.serviceWorker.register("./service-worker.js");
    if (crossOriginIsolated || sessionStorage.getItem(KEY)) return false;
    if (!(await Promise.race([navigator.serviceWorker.ready, patience()]))) return false;
    sessionStorage.setItem(KEY, "tried"); // once: where it does not help, the page works on one thread
    location.reload();
    return true;
  } catch {
    return false; // as in a private window: the page works on one thread
  }
}

/** A service worker that cannot be installed never says so. */
function patience(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, 5000, undefined));
}

/** `seqloom studio` sends the headers itself, and there each port may hold another version. */
function isLocal(): boolean {
  return ["127.0.0.1", "localhost"].includes(location.hostname);
}
