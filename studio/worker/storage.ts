import type { RunRecord } from "../messages.js";

/** Stored runs and models, in IndexedDB. Missing storage, as in a private window, is not an error. */
const NAME = "seqloom studio";

let database: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  database ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("runs", { keyPath: "id" });
      request.result.createObjectStore("models");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return database;
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export async function storedRuns(): Promise<RunRecord[]> {
  const store = (await open()).transaction("runs").objectStore("runs");
  return done<RunRecord[]>(store.getAll());
}

export async function storeRun(record: RunRecord, model?: Uint8Array): Promise<void> {
  const transaction = (await open()).transaction(["runs", "models"], "readwrite");
  transaction.objectStore("runs").put(record);
  if (model) transaction.objectStore("models").put(model, record.id);
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

export async function storedModel(id: string): Promise<Uint8Array | undefined> {
  const store = (await open()).transaction("models").objectStore("models");
  return done<Uint8Array | undefined>(store.get(id));
}

export async function forgetRun(id: string): Promise<void> {
  const transaction = (await open()).transaction(["runs", "models"], "readwrite");
  await Promise.all([
    done(transaction.objectStore("runs").delete(id)),
    done(transaction.objectStore("models").delete(id)),
  ]);
}
