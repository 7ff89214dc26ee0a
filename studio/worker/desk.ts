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

/** Characters of a run's name. */
const LONGEST_NAME = 60;

/** A model in memory, ready to be asked. */
interface Loaded {
  readonly run: string;
  readonly backend: Backend;
  readonly saved: SavedModel;
}

/**
 * Runs and their models. In memory are the run that trains, and the last other model that was asked: the rest lies in
 * storage.
 */
export class Desk {
  readonly #records = new Map<string, RunRecord>();
  readonly #show: (record: RunRecord) => void;
  #training: Training | undefined;
  #loaded: Loaded | undefined;
  #count = 0;
  #storing: Promise<unknown> = Promise.resolve();
  readonly #unstored = new Map<string, Uint8Array>();

  /** @param show called with every record that is new or has changed */
  constructor(show: (record: RunRecord) => void) {
    this.#show = show;
  }

  /** Takes up the runs of an earlier visit. One that was training then has ended. */
  restore(records: readonly RunRecord[]): void {
    for (const record of records) {
      const isOver = ["done", "stopped", "opened", "failed"].includes(record.status);
      this.#put(isOver ? record : { ...record, status: "stopped", tokensPerSecond: 0 });
    }
  }

  /** Begins a run, in place of the one that trains. @returns its id, once its data and its model are there */
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

  /** A model to be asked. */
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
      `${name}: expected its model, got none.`,
      "it was not trained long enough to be kept: start it again",
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

  /** Ends the run that trains, in good order, and frees its memory. */
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

  /** Where storage is full or forbidden, a model lives as long as the page. */
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

  /** The name, with a number where another run has it already. */
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

/** What is asked of a model. @throws DataError for one that reads what a page has no place for */
function describe(name: string, { model, tokenizer }: SavedModel): Pick<RunRecord, "kind" | "picture"> {
  if (model instanceof LanguageModel) return { kind: "text" };
  if (isTextCodec(tokenizer)) return { kind: "pairs" };
  if (!(tokenizer instanceof CaptionPairs))
    throw new DataError(
      `${name}: expected a model that reads texts or pictures, got one that reads other files.`,
      "ask it on the command line: seqloom predict",
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
