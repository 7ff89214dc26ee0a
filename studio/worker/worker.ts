import type { Call, CallName, Calls, Reply, WorkerEvent } from "../messages.js";
import { ask, write } from "./answer.js";
import { caption } from "./caption.js";
import { suggest } from "./continuations.js";
import { Desk } from "./desk.js";
import { openEngine, threads } from "./engine.js";
import { forms } from "./forms.js";
import { inspect } from "./inspect.js";
import { decodePicture, drawPicture } from "./picture.js";
import { problemOf } from "./problem.js";
import { storedRuns } from "./storage.js";

/** The worker: trains, runs and stores models off the page's thread. */

const report = (message: WorkerEvent): void => postMessage(message);
const desk = new Desk((run) => report({ kind: "run", run }));

const handlers: { [N in CallName]: (params: Calls[N]["params"]) => Promise<Calls[N]["result"]> } = {
  start: (params) => desk.start(params),
  act: async (params) => desk.act(params),
  async ask({ run, texts, options }) {
    const { backend, saved } = await desk.load(run);
    return ask(backend, saved, texts, options);
  },
  async caption({ run, name, file, options }) {
    const picture = await decodePicture(name, file); // first: a loaded model may be unloaded during this wait
    const { backend, saved } = await desk.load(run);
    return caption(backend, saved, picture, options);
  },
  draw: ({ number, side }) => drawPicture(number, side),
  async write({ run, options }) {
    const { saved } = await desk.load(run);
    return write(saved, options);
  },
  async inspect({ run, text }) {
    const { backend, saved } = await desk.load(run);
    return inspect(backend, saved, text);
  },
  save: ({ run }) => desk.save(run),
  open: (params) => desk.open(params),
  async forget({ run }) {
    await desk.forget(run);
    report({ kind: "forgotten", run });
  },
  async suggest({ run, text }) {
    const { saved } = await desk.load(run);
    return suggest(saved, text);
  },
};

async function answer<N extends CallName>({ name, params }: Call<N>): Promise<Reply<N>> {
  try {
    return { ok: true, result: await handlers[name](params) };
  } catch (error) {
    return { ok: false, problem: problemOf(error) };
  }
}

addEventListener("message", async ({ data, ports: [port] }: MessageEvent<Call>) => {
  port?.postMessage(await answer(data));
});

report({ kind: "forms", forms });
try {
  const engine = await openEngine();
  engine.close();
  desk.restore(await storedRuns().catch(() => []));
  report({ kind: "ready", threads });
} catch (error) {
  report({ kind: "broken", problem: problemOf(error) });
}
