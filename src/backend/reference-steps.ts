import type { Ints, Tensor } from "../tensor.js";
import type { Factors } from "./reference-precision.js";
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
  readonly factors: Factors;
  readonly weight: Rows;
  readonly #lengths: Int32Array | undefined;
  readonly #ids: Int32Array | undefined;
  readonly #frames: Rows;
  readonly #context: Rows | undefined;

  constructor(sizes: Sizes, factors: Factors, { xs, ids, table, context, weightIh, lengths }: Input) {
    const { C, D } = sizes;
    const frames = xs ?? table;
    if (!frames) throw new TypeError("expected xs, or ids and table");
    this.sizes = sizes;
    this.factors = factors;
    this.weight = new Rows(weightIh, C + D, factors.weights);
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

  /** Element k of that state as a factor. */
  factor(states: Rows, first: Rows | undefined, n: number, s: number, k: number): number {
    return this.factors.number(this.before(states, first, n, s, k));
  }

  /** Element k of row n's context as a factor. */
  context(n: number, k: number): number {
    return this.factors.number(this.#context?.at(n, k) ?? 0);
  }

  /** Element k of a row of the input as a factor. */
  frame(row: number, k: number): number {
    return this.factors.number(this.#frames.at(row, k));
  }

  /** [context, x]·weight_ih[row]. */
  project(n: number, place: number, row: number): number {
    const { C, D } = this.sizes;
    let sum = 0;
    for (let k = 0; k < C; k++) sum += this.context(n, k) * this.weight.at(row, k);
    for (let k = 0; k < D; k++) sum += this.frame(this.inputRow(place), k) * this.weight.at(row, C + k);
    return sum;
  }
}

/**
 * Where `Steps.project` came from: gathers the gradients of the input, the context and weight_ih. As the kernels do, it
 * first adds up what comes back to the same row of the input, or of the context, and then multiplies.
 */
export class StepsBack {
  readonly #steps: Steps;
  readonly #dinput: Rows | undefined;
  readonly #dcontext: Rows | undefined;
  readonly #dweight: Rows;
  /** Rows of weight_ih. */
  readonly #gates: number;
  /** For each row of the input, and of the context, the gradients of what its product with weight_ih gave. */
  readonly #byInput = new Map<number, Float64Array>();
  readonly #byContext = new Map<number, Float64Array>();

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
    this.#gates = dweightIh.size / (C + D);
    if (dxs) this.#dinput?.fill(0);
    this.#dcontext?.fill(0);
  }

  /** Takes the gradient of what `project` returned. */
  add(n: number, place: number, row: number, d: number): void {
    this.#gather(this.#byInput, this.#steps.inputRow(place), row, d);
    this.#gather(this.#byContext, n, row, d);
  }

  finish(): void {
    const { weight, factors, sizes } = this.#steps;
    const { C, D } = sizes;
    for (const [from, gradients] of this.#byInput)
      for (const [row, sum] of gradients.entries()) {
        const d = factors.number(sum);
        for (let k = 0; k < D; k++) {
          this.#dweight.add(row, C + k, d * this.#steps.frame(from, k));
          this.#dinput?.add(from, k, d * weight.at(row, C + k));
        }
      }
    for (const [n, gradients] of this.#byContext)
      for (const [row, sum] of gradients.entries()) {
        const d = factors.number(sum);
        for (let k = 0; k < C; k++) {
          this.#dweight.add(row, k, d * this.#steps.context(n, k));
          this.#dcontext?.add(n, k, d * weight.at(row, k));
        }
      }
    for (const rows of [this.#dinput, this.#dcontext, this.#dweight]) rows?.finish();
  }

  #gather(sums: Map<number, Float64Array>, from: number, row: number, d: number): void {
    const known = sums.get(from) ?? new Float64Array(this.#gates);
    sums.set(from, known);
    known[row] = (known[row] ?? 0) + d;
  }
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
