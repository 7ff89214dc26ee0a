import type { Call, CallName, Calls, Reply, WorkerEvent } from "./messages.js";

/** An error that the worker reported. */
export class CallError extends Error {
  constructor(
    message: string,
    readonly hint: string | undefined,
  ) {
    super(message);
  }
}

const worker = new Worker(new URL("./worker/worker.ts", import.meta.url), { type: "module" });

/** Subscribes to the worker's events. */
export function listen(hear: (event: WorkerEvent) => void): void {
  worker.addEventListener("message", ({ data }: MessageEvent<WorkerEvent>) => hear(data));
  worker.addEventListener("error", ({ message }) =>
    hear({ kind: "broken", problem: { message: message || "the worker did not start" } }),
  );
}

/** Calls the worker; each call has its own channel. @throws CallError */
export function call<N extends CallName>(name: N, params: Calls[N]["params"]): Promise<Calls[N]["result"]> {
  const { port1, port2 } = new MessageChannel();
  const message: Call<N> = { name, params };
  return new Promise((resolve, reject) => {
    port1.onmessage = ({ data }: MessageEvent<Reply<N>>) => {
      port1.close();
      if (data.ok) resolve(data.result);
      else reject(new CallError(data.problem.message, data.problem.hint));
    };
    worker.postMessage(message, [port2]);
  });
}
