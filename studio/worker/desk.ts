import {
  type Backend,
  CaptionPairs,
  DataError,
  isTextCodec,
  LanguageModel,
  readModel,
  restoreModel,
  type SavedModel,
  writeModel,
} from "seqloom";
import type { Action, Calls, ModelKind, RunRecord, TaskRequest } from "../messages.js";
import { openEngine } from "./engine.js";
import { pairsJob, textJob } from "./job.js";
import { preparePairs } from "./pairs-task.js";
import { forgetRun, storedModel, storeRun } from "./storage.js";
import { prepareText } from "./text-task.js";
import { Training } from "./training.js";

/** Maximum length of a run's name, in characters. */
const LONGEST_NAME = 60;

/** A model in memory, ready to run. */
interface Loaded {
  readonly run: string;
  readonly backend: Backend;
  readonly saved: SavedModel;
}

/**
 * Runs and their models. The current run and the last other model that was used are in memory, the rest is in storage.
 */
export class Desk {
  readonly #records = new Map<string, RunRecord>();
  readonly #show: (record: RunRecord) => void;
  #training: Training | undefined;
  #loaded: Loaded | undefined;
  #count = 0;
  #storing: Promise<unknown> = Promise.resolve();
  readonly #unstored = new Map<string, Uint8Array>();

  /** @param show called with every new or changed record */
  constructor(show: (record: RunRecord) => void) {
    this.#show = show;
  }

  /** Restores the runs of an earlier visit. A run that was training then is now stopped. */
  restore(records: readonly RunRecord[]): void {
    for (const record of records) {
      const isOver = ["done", "stopped", "opened", "failed"].includes(record.status);
      this.#put(isOver ? record : { ...record, status: "stopped", tokensPerSecond: 0 });
    }
  }

  /** Starts a run and stops the current one. @returns its id, once its data and model are ready */
  async start({ task, options, name }: Calls["start"]["params"]): Promise<string> {
    await this.#endTraining();
    const backend = await openEngine();
    try {
      const [job, settings, notes, kind] = makeJob(backend, task, options);
      const { run } = job;
      const record: RunRecord = {
        ...emptyRecord(this.#newId(), this.#newName(name), kind),
        task: "name" in task ? { kind: task.kind, name: task.name } : { ...task, name: task.kind },
        settings: { ...settings },
        config: { ...run.model.config },
        status: "preparing",
        notes,
        epochs: settings.epochs,
        parameters: run.parameters,
      };
      this.#training = new Training(record, backend, job, {
        changed: (changed) => this.#put(changed),
        keep: (kept, bytes) => this.#keep(kept, bytes),
      });
      this.#training.start();
      return record.id;
    } catch (error) {
      backend.close();
      throw error;
    }
  }

  act({ run, action }: { run: string; action: Action }): undefined {
    if (this.#training?.id === run) this.#training.act(action);
  }

  /** Loads the model of a run. */
  async load(run: string): Promise<Loaded> {
    const training = this.#training;
    if (training?.id === run) return { run, backend: training.backend, saved: training.saved };
    if (this.#loaded?.run === run) return this.#loaded;
    const bytes = await this.#bytesOf(run);
    return this.#restore(run, this.#records.get(run)?.name ?? run, bytes);
  }

  /** The bytes of a model file. */
  async save(run: string): Promise<Uint8Array> {
    const training = this.#training;
    return training?.id === run ? writeModel(training.saved) : this.#bytesOf(run);
  }

  /** Opens a model file. @returns the id of its record */
  async open({ name, bytes }: { name: string; bytes: Uint8Array }): Promise<string> {
    const id = this.#newId();
    const { saved } = await this.#restore(id, name, bytes);
    const { kind, picture } = describe(name, saved);
    const { data = name, epochs = 0, steps = 0, options = {}, seed, scores = {} } = saved.training ?? {};
    const record: RunRecord = {
      ...emptyRecord(id, this.#newName(name.replace(/\.safetensors$/, "")), kind),
      task: { kind: "file", name: data },
      settings: { ...options, epochs, seed, scores },
      config: { ...saved.model.config },
      picture,
      ...{ status: "opened", epochs, steps, epoch: epochs, step: steps, hasModel: true },
      parameters: saved.model.params.reduce((sum, { value }) => sum + value.size, 0),
    };
    this.#put(record);
    this.#keep(record, bytes);
    return id;
  }

  async forget(run: string): Promise<void> {
    if (this.#training?.id === run) await this.#endTraining();
    if (this.#loaded?.run === run) this.#unload();
    await this.#storing;
    this.#records.delete(run);
    this.#unstored.delete(run);
    await forgetRun(run).catch(() => {});
  }

  async #bytesOf(run: string): Promise<Uint8Array> {
    await this.#storing;
    const bytes = this.#unstored.get(run) ?? (await storedModel(run).catch(() => undefined));
    if (bytes) return bytes;
    const name = this.#records.get(run)?.name ?? "this run";
    throw new DataError(
      `${name}: expected a stored model, got none.`,
      "the run ended before its first save: start it again",
    );
  }

  async #restore(run: string, name: string, bytes: Uint8Array): Promise<Loaded> {
    const file = readModel(name, bytes);
    const backend = await openEngine();
    try {
      const saved = restoreModel(backend, file);
      this.#unload();
      this.#loaded = { run, backend, saved };
      return this.#loaded;
    } catch (error) {
      backend.close();
      throw error;
    }
  }

  #unload(): void {
    this.#loaded?.backend.close();
    this.#loaded = undefined;
  }

  /** Stops the current run gracefully and frees its memory. */
  async #endTraining(): Promise<void> {
    const training = this.#training;
    if (!training) return;
    training.act("stop");
    await training.ended;
    this.#training = undefined;
    training.backend.close();
  }

  #put(record: RunRecord): void {
    this.#records.set(record.id, record);
    this.#show(record);
  }

  /** Stores a model. If storage is full or blocked, the model is kept in memory until the page closes. */
  #keep(record: RunRecord, bytes: Uint8Array): void {
    const { id } = record;
    this.#storing = this.#storing
      .then(() => storeRun({ ...record, hasModel: true }, bytes))
      .then(
        () => this.#unstored.delete(id),
        () => this.#unstored.set(id, bytes),
      )
      .then(() => this.#noteKept(id));
  }

  #noteKept(id: string): void {
    if (this.#training?.id === id) this.#training.noteKept();
  }

  /** The name, with a number appended if another run already has it. */
  #newName(given: string): string {
    const name = given.slice(0, LONGEST_NAME);
    const taken = new Set(Array.from(this.#records.values(), (record) => record.name));
    let [unique, n] = [name, 1];
    while (taken.has(unique)) unique = `${name} (${++n})`;
    return unique;
  }

  #newId(): string {
    return `${Date.now().toString(36)}-${++this.#count}`;
  }
}

function makeJob(backend: Backend, task: TaskRequest, options: Calls["start"]["params"]["options"]) {
  if (task.kind === "text") {
    const prepared = prepareText(task, options);
    return [textJob(backend, prepared), prepared.settings, [], "text"] as const;
  }
  const prepared = preparePairs(task, options);
  return [pairsJob(backend, prepared), prepared.settings, prepared.notes, "pairs"] as const;
}

/** The kind of a model, and its picture format. @throws DataError for a model whose inputs the page does not support */
function describe(name: string, { model, tokenizer }: SavedModel): Pick<RunRecord, "kind" | "picture"> {
  if (model instanceof LanguageModel) return { kind: "text" };
  if (isTextCodec(tokenizer)) return { kind: "pairs" };
  if (!(tokenizer instanceof CaptionPairs))
    throw new DataError(
      `${name}: expected a model that reads text or pictures, got one that reads other files.`,
      "use it on the command line: seqloom predict",
    );
  const { height, width, network } = tokenizer.source.format;
  return { kind: "captions", picture: { height, width, network: network?.file } };
}

function emptyRecord(id: string, name: string, kind: ModelKind) {
  return {
    ...{ id, name, kind, created: Date.now(), notes: [], epoch: 0, step: 0, steps: 0, seconds: 0 },
    ...{ tokensPerSecond: 0, losses: { xs: [], ys: [] }, evaluations: [], samples: [], text: "", hasModel: false },
  };
}
