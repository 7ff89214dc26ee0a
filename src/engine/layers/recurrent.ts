import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import type { Kernels } from "../backend/kernels.js";
import { expectShape, ShapeError } from "../errors.js";
import { type Ints, type Param, Tensor } from "../tensor.js";
import { expectRange, type Layer, type Sequence } from "./layer.js";

/** State of a recurrent layer. */
export interface RecurrentState {
  /** Hidden state (N, H). */
  readonly h: Tensor;
  /** Cell state (N, H) of an LSTM. @default zeros */
  readonly c?: Tensor | undefined;
}

/** Options of a recurrent layer. */
export interface RecurrentOptions {
  /** Input size. */
  readonly D: number;
  /** Hidden size. */
  readonly H: number;
  /** Size of a context that is concatenated with the input of every step. @default 0 */
  readonly C?: number;
  /** Read each sequence from its last step to its first. @default false */
  readonly reverse?: boolean;
  /** Start each call from the last state of the previous one, for truncated back-propagation. @default false */
  readonly stateful?: boolean;
  /** A layer of the same class and sizes, whose parameters are shared. */
  readonly tiedTo?: Recurrent | undefined;
}

// Arguments of the kernels without the parameters and the buffers of one class. The LSTM has the most arguments.
type ForwardCall = Parameters<Kernels["lstmForward"]>;
type BackwardCall = Parameters<Kernels["lstmBackward"]>;
/** Sizes that a recurrent kernel takes. */
export type KernelSizes = ForwardCall[2];
/** Arguments of a forward kernel that all recurrent layers share. */
export interface ForwardPass {
  readonly hs: Tensor;
  readonly reads: Omit<ForwardCall[1], "weightIh" | "weightHh" | "bias">;
  readonly sizes: KernelSizes;
}
/** Arguments of a backward kernel that all recurrent layers share. */
export interface BackwardPass {
  readonly writes: Omit<BackwardCall[0], "gates" | "dweightIh" | "dweightHh" | "dbias">;
  readonly reads: Omit<BackwardCall[1], "cs" | "weightIh" | "weightHh">;
  readonly sizes: KernelSizes;
}

/**
 * Base class of LSTM, GRU and RNN: runs a whole sequence in one call. A subclass adds its parameters and its kernels.
 *
 * Input (N, T, D), context (N, C) concatenated with the input of every step, output (N, T, H).
 */
export abstract class Recurrent implements Layer {
  abstract readonly params: readonly Param[];
  /** Initial state of the next call, undefined for zeros. A stateful layer sets it to `last` after each call. */
  state: RecurrentState | undefined;
  /** State after the last step of each sequence. Valid until the call after the next one. */
  last: RecurrentState | undefined;
  /** Gradient of the initial state of the last call, set by `backward`; undefined if it started from zeros. */
  dState: RecurrentState | undefined;
  /** Gradient of the context of the last call, set by `backward`. */
  dContext: Tensor | undefined;
  protected readonly kernels: Kernels;
  protected readonly workspace: Workspace;
  /** Name of the class in errors: bundlers shorten `constructor.name`. */
  protected abstract readonly kind: string;
  protected readonly hasCell: boolean = false;
  readonly #sizes: { D: number; H: number; C: number; reverse: number };
  readonly #stateful: boolean;
  #parity = 0;
  #saved: (ForwardPass & { input: Sequence }) | undefined;

  constructor(backend: Backend, { D, H, C = 0, reverse = false, stateful = false }: RecurrentOptions) {
    this.kernels = backend.kernels;
    this.workspace = new Workspace(backend.arena);
    this.#sizes = { D, H, C, reverse: Number(reverse) };
    this.#stateful = stateful;
  }

  /** Runs the forward kernel, which sets hs. @returns the last state */
  protected abstract run(pass: ForwardPass): RecurrentState;
  /** Runs the backward kernel, which sets the gradients in `writes` and adds to those of the parameters. */
  protected abstract runBack(pass: BackwardPass): void;

  /**
   * Returns hs (N, T, H); sets `last`, and `state` if stateful.
   * @param options context: (N, C); lengths: (N) valid steps of each sequence, at least 1; outputs for padding are 0
   * @throws ShapeError for another shape; DataError for an id or a length out of range
   */
  forward(
    input: Sequence,
    { context, lengths }: { context?: Tensor | undefined; lengths?: Ints | undefined } = {},
  ): Tensor {
    const at = `${this.kind}.forward`;
    const sizes = { ...this.#sizes, ...this.#expectInput(at, input) };
    const { N, T, C, H } = sizes;
    if (C || context) expectShape(`${at}: context`, context?.shape ?? [], [N, C]);
    if (lengths) {
      expectShape(`${at}: lengths`, lengths.shape, [N]);
      expectRange(`${at}: lengths`, lengths, 1, T);
    }
    if (this.state) this.#expectState(`${at}: state`, this.state, N);

    const hs = this.workspace.tensor("hs", [N, T, H]);
    const frames = input instanceof Tensor ? { xs: input } : { ids: input.ids, table: input.table.value };
    const reads = { ...frames, context, lengths, h0: this.state?.h, c0: this.state?.c };
    this.#parity = 1 - this.#parity;
    this.last = this.run({ hs, reads, sizes });
    if (this.#stateful) this.state = this.last;
    this.#saved = { input, hs, reads, sizes };
    return hs;
  }

  /**
   * Sets dxs (returned), `dState` and `dContext`; adds to the gradients of the parameters. For ids with a table, dxs is
   * undefined and the gradient of the table is added to.
   * @param dhs gradient of hs (N, T, H), or undefined for zeros
   * @param dLast gradient of `last`, or undefined for zeros
   */
  backward(dhs: Tensor | undefined, dLast?: RecurrentState): Tensor | undefined {
    const at = `${this.kind}.backward`;
    if (!this.#saved) throw new Error(`${at}: expected one forward pass before each backward pass, got none.`);
    const { input, hs, reads, sizes } = this.#saved;
    const { N, T, C, H, D } = sizes;
    if (dhs) expectShape(`${at}: dhs`, dhs.shape, [N, T, H]);
    if (dLast) this.#expectState(`${at}: dLast`, dLast, N);

    const dxs = reads.xs && this.workspace.tensor("dxs", [N, T, D]);
    const dtable = input instanceof Tensor ? undefined : input.table.grad;
    if (!(input instanceof Tensor)) input.table.touched?.add(input.ids);
    const dcontext = reads.context && this.workspace.tensor("dcontext", [N, C]);
    const dh0 = reads.h0 && this.workspace.tensor("dh0", [N, H]);
    const dc0 = reads.c0 && this.workspace.tensor("dc0", [N, H]);
    this.runBack({
      writes: { dxs, dtable, dcontext, dh0, dc0 },
      reads: { ...reads, hs, dhs, dhn: dLast?.h, dcn: dLast?.c },
      sizes,
    });
    this.dContext = dcontext;
    this.dState = dh0 && { h: dh0, c: dc0 };
    this.#saved = undefined; // the kernel has overwritten its activations with gradients
    return dxs;
  }

  /** Buffer for a last state, one of two: the initial state of this call may lie in the other. */
  protected stateBuffer(name: string, { N, H }: KernelSizes): Tensor {
    return this.workspace.tensor(`${name}${this.#parity}`, [N, H]);
  }

  #expectInput(at: string, input: Sequence): { N: number; T: number; V: number } {
    const { D } = this.#sizes;
    if (input instanceof Tensor) {
      expectShape(`${at}: xs`, input.shape, ["N", "T", D]);
      const [N = 0, T = 0] = input.shape;
      return { N, T, V: 0 };
    }
    const { ids, table } = input;
    expectShape(`${at}: ids`, ids.shape, ["N", "T"]);
    expectShape(`${at}: table`, table.value.shape, ["V", D]);
    const [[N = 0, T = 0], [V = 0]] = [ids.shape, table.value.shape];
    expectRange(`${at}: ids`, ids, 0, V - 1);
    return { N, T, V };
  }

  #expectState(where: string, { h, c }: RecurrentState, N: number): void {
    const { H } = this.#sizes;
    expectShape(`${where}.h`, h.shape, [N, H]);
    if (c && !this.hasCell)
      throw new ShapeError(`${where}.c: expected none, got (${c.shape.join(", ")}).`, "only an LSTM has a cell state");
    if (c) expectShape(`${where}.c`, c.shape, [N, H]);
  }
}
