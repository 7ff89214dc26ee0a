import type { Ints, Tensor } from "../tensor.js";
import type { Factors } from "./reference-precision.js";
import { Rows } from "./reference-rows.js";

interface StepSizes {
  readonly reverse: number;
  readonly T: number;
  readonly D: number;
  readonly C: number;
}

interface StepInput {
  readonly xs?: Tensor | undefined;
  readonly ids?: Ints | undefined;
  readonly table?: Tensor | undefined;
  readonly context?: Tensor | undefined;
  readonly weightIh: Tensor;
  readonly lengths?: Ints | undefined;
}

/** Time steps and input projection, which all recurrent reference kernels share. */
export class Steps {
  readonly sizes: StepSizes;
  readonly factors: Factors;
  readonly weight: Rows;
  readonly #lengths: Int32Array | undefined;
  readonly #ids: Int32Array | undefined;
  readonly #frames: Rows;
  readonly #context: Rows | undefined;

  constructor(sizes: StepSizes, factors: Factors, { xs, ids, table, context, weightIh, lengths }: StepInput) {
    const { C, D } = sizes;
    const frames = xs ?? table;
    if (!frames) throw new TypeError("Steps: expected xs, or ids and table, got neither.");
    this.sizes = sizes;
    this.factors = factors;
    this.weight = new Rows(weightIh, C + D, factors.weights);
    this.#lengths = lengths?.data;
    this.#ids = ids?.data;
    this.#frames = new Rows(frames, D);
    this.#context = context && new Rows(context, C);
  }

  /** Number of steps of sequence n. */
  length(n: number): number {
    return this.#lengths?.[n] ?? this.sizes.T;
  }

  /** Row n·T + t of step s of sequence n, where t counts from the end if the direction is reversed. */
  rowOf(n: number, s: number): number {
    return n * this.sizes.T + (this.sizes.reverse ? this.length(n) - 1 - s : s);
  }

  /** Element k of the state before step s of sequence n; `first` is the initial state, undefined for zeros. */
  before(states: Rows, first: Rows | undefined, n: number, s: number, k: number): number {
    return s > 0 ? states.at(this.rowOf(n, s - 1), k) : (first?.at(n, k) ?? 0);
  }

  /** Row of the input, xs or table, that is read at row `at`. */
  inputRow(at: number): number {
    return this.#ids?.[at] ?? at;
  }

  /** Element k of the state before step s, rounded as a factor. */
  factor(states: Rows, first: Rows | undefined, n: number, s: number, k: number): number {
    return this.factors.number(this.before(states, first, n, s, k));
  }

  /** Element k of the context of sequence n, rounded as a factor. */
  context(n: number, k: number): number {
    return this.factors.number(this.#context?.at(n, k) ?? 0);
  }

  /** Element k of a row of the input, rounded as a factor. */
  frame(row: number, k: number): number {
    return this.factors.number(this.#frames.at(row, k));
  }

  /** The input projection [context, x]·weight_ih[row]. */
  project(n: number, at: number, row: number): number {
    const { C, D } = this.sizes;
    let sum = 0;
    for (let k = 0; k < C; k++) sum += this.context(n, k) * this.weight.at(row, k);
    for (let k = 0; k < D; k++) sum += this.frame(this.inputRow(at), k) * this.weight.at(row, C + k);
    return sum;
  }
}

/**
 * Backward pass of `Steps.project`: the gradients of the input, the context and weight_ih. As in the compiled kernels,
 * the gradients of the same row of the input, or of the context, are summed before they are multiplied.
 */
export class StepsBack {
  readonly #steps: Steps;
  readonly #dinput: Rows | undefined;
  readonly #dcontext: Rows | undefined;
  readonly #dweight: Rows;
  /** Number of rows of weight_ih. */
  readonly #gates: number;
  /** Gradients of the products with weight_ih: a vector for each row of the input, and for each row of the context. */
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

  /** Adds the gradient of a result of `project`. */
  add(n: number, at: number, row: number, d: number): void {
    this.#accumulate(this.#byInput, this.#steps.inputRow(at), row, d);
    this.#accumulate(this.#byContext, n, row, d);
  }

  /** Multiplies the sums; sets dxs and dcontext, adds to dtable and dweightIh. */
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

  #accumulate(sums: Map<number, Float64Array>, from: number, row: number, d: number): void {
    const known = sums.get(from) ?? new Float64Array(this.#gates);
    sums.set(from, known);
    known[row] = (known[row] ?? 0) + d;
  }
}

/** The logistic function 1/(1 + e⁻ˣ). */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
