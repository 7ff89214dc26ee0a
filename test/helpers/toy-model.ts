import type { StepModel } from "../../src/decode/search.js";
import { Workspace } from "../../src/engine/backend/arena.js";
import type { Backend } from "../../src/engine/backend/backend.js";
import { Random } from "../../src/engine/random.js";
import type { Ints, Tensor } from "../../src/engine/tensor.js";

/** What comes after a history, which begins with the start token, in the answer to source n. */
type Table = (n: number, history: readonly number[]) => readonly number[];

export interface ToyTables {
  readonly V: number;
  readonly N?: number;
  readonly logits: Table;
  readonly attention?: Table;
  /** How long each source is. */
  readonly lengths?: readonly number[];
}

/** A model that is a table: each row's state is all that it has read. */
export class ToyModel implements StepModel {
  readonly vocabSize: number;
  attention: Tensor | undefined;
  /** Calls so far. */
  readonly calls = { step: 0, reorder: 0 };
  readonly #tables: ToyTables;
  readonly #workspace: Workspace;
  #B = 1;
  #histories: number[][] = [];

  constructor(backend: Backend, tables: ToyTables) {
    this.vocabSize = tables.V;
    this.#tables = tables;
    this.#workspace = new Workspace(backend.arena);
  }

  begin(B: number): { N: number; lengths: Ints | undefined } {
    const { N = 1, lengths: given } = this.#tables;
    this.#B = B;
    this.#histories = Array.from({ length: N * B }, () => []);
    const lengths = given && this.#workspace.ints("lengths", [N]);
    lengths?.data.set(given ?? []);
    return { N, lengths };
  }

  step(ids: Ints): Tensor {
    this.calls.step++;
    this.#histories = this.#histories.map((history, r) => [...history, ids.data[r] ?? -1]);
    const { logits, attention } = this.#tables;
    if (attention) this.attention = this.#rows("attention", attention);
    return this.#rows("logits", logits);
  }

  reorder(parents: Ints): void {
    this.calls.reorder++;
    this.#histories = Array.from(parents.data, (parent) => this.#histories[parent] ?? []);
  }

  #rows(name: string, table: Table): Tensor {
    const rows = this.#histories.map((history, r) => table(Math.floor(r / this.#B), history));
    const tensor = this.#workspace.tensor(name, [rows.length, rows[0]?.length ?? 0]);
    tensor.data.set(rows.flat());
    return tensor;
  }
}

/** Logits from N(0, 1.5²), others for each source and each history. */
export function randomLogits(V: number, seed = 1): Table {
  return (n, history) => {
    const random = new Random(
      seed + n,
      history.reduce((hash, id) => (hash * 31 + id + 1) % 2 ** 31, 7),
    );
    return Array.from({ length: V }, () => Math.fround(1.5 * random.normal()));
  };
}

/** Logits that are the logarithms of these probabilities; 0 becomes −50. */
export function logsOf(probabilities: readonly number[]): number[] {
  return probabilities.map((p) => (p === 0 ? -50 : Math.log(p)));
}

export interface Forced {
  readonly ids: readonly number[];
  readonly score: number;
}

/** Every answer of at most `most` tokens to source n, with the log-probability of its tokens and the end. */
export function everyAnswer(table: Table, n: number, { start, end }: { start: number; end: number }, most: number) {
  const answers: Forced[] = [];
  const extend = (ids: readonly number[], score: number): void => {
    for (const [id, logProbability] of logSoftmax(table(n, [start, ...ids])).entries())
      if (id === end) answers.push({ ids, score: score + logProbability });
      else if (ids.length < most) extend([...ids, id], score + logProbability);
  };
  extend([], 0);
  return answers;
}

export function logSoftmax(logits: readonly number[]): number[] {
  const lse = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
  return logits.map((x) => x - lse);
}
