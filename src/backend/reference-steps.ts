import type { Ints, Tensor } from "../tensor.js";
import { Rows } from "./reference-rows.js";

interface Sizes {
  readonly reverse: number;
  readonly T: number;
  readonly D: number;
  readonly C: number;
}

interface Input {
  readonly xs?: Tensor | undefined;
  readonly ids?: Ints | undefined;
  readonly table?: Tensor | undefined;
  readonly context?: Tensor | undefined;
  readonly weightIh: Tensor;
  readonly lengths?: Ints | undefined;
}

/** What all recurrent kernels share: where each step stands, and what its input gives to the gates. */
export class Steps {
  readonly sizes: Sizes;
  readonly weight: Rows;
  readonly #lengths: Int32Array | undefined;
  readonly #ids: Int32Array | undefined;
  readonly #frames: Rows;
  readonly #context: Rows | undefined;

  constructor(sizes: Sizes, { xs, ids, table, context, weightIh, lengths }: Input) {
    const { C, D } = sizes;
    const frames = xs ?? table;
    if (!frames) throw new TypeError("expected xs, or ids and table");
    this.sizes = sizes;
    this.weight = new Rows(weightIh, C + D);
    this.#lengths = lengths?.data;
    this.#ids = ids?.data;
    this.#frames = new Rows(frames, D);
    this.#context = context && new Rows(context, C);
  }

  length(n: number): number {
    return this.#lengths?.[n] ?? this.sizes.T;
  }

  /** The place n·T + t of row n's step s. */
  place(n: number, s: number): number {
    return n * this.sizes.T + (this.sizes.reverse ? this.length(n) - 1 - s : s);
  }

  /** Element k of the state that row n's step s started from. */
  before(states: Rows, first: Rows | undefined, n: number, s: number, k: number): number {
    return s > 0 ? states.at(this.place(n, s - 1), k) : (first?.at(n, k) ?? 0);
  }

  /** The row of the input at a place. */
  inputRow(place: number): number {
    return this.#ids?.[place] ?? place;
  }

  /** Element k of [context, x] at a place of row n. */
  input(n: number, place: number, k: number): number {
    const { C } = this.sizes;
    return k < C ? (this.#context?.at(n, k) ?? 0) : this.#frames.at(this.inputRow(place), k - C);
  }

  /** [context, x]·weight_ih[row]. */
  project(n: number, place: number, row: number): number {
    const { C, D } = this.sizes;
    let sum = 0;
    for (let k = 0; k < C + D; k++) sum += this.input(n, place, k) * this.weight.at(row, k);
    return sum;
  }
}

/** Where `Steps.project` came from: gathers the gradients of the input, the context and weight_ih. */
export class StepsBack {
  readonly #steps: Steps;
  readonly #dinput: Rows | undefined;
  readonly #dcontext: Rows | undefined;
  readonly #dweight: Rows;

  constructor(
    steps: Steps,
    gradients: {
      dxs?: Tensor | undefined;
      dtable?: Tensor | undefined;
      dcontext?: Tensor | undefined;
      dweightIh: Tensor;
    },
  ) {
    const { C, D } = steps.sizes;
    const { dxs, dtable, dcontext, dweightIh } = gradients;
    const dinput = dxs ?? dtable;
    this.#steps = steps;
    this.#dinput = dinput && new Rows(dinput, D);
    this.#dcontext = dcontext && new Rows(dcontext, C);
    this.#dweight = new Rows(dweightIh, C + D);
    if (dxs) this.#dinput?.fill(0);
    this.#dcontext?.fill(0);
  }

  /** Takes the gradient of what `project` returned. */
  add(n: number, place: number, row: number, d: number): void {
    const { C, D } = this.#steps.sizes;
    for (let k = 0; k < C + D; k++) {
      const dx = d * this.#steps.weight.at(row, k);
      this.#dweight.add(row, k, d * this.#steps.input(n, place, k));
      if (k < C) this.#dcontext?.add(n, k, dx);
      else this.#dinput?.add(this.#steps.inputRow(place), k - C, dx);
    }
  }

  finish(): void {
    for (const rows of [this.#dinput, this.#dcontext, this.#dweight]) rows?.finish();
  }
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
