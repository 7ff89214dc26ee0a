import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import type { Kernels } from "../backend/kernels.js";
import { expectShape, ShapeError } from "../errors.js";
import { type Ints, type Param, Tensor } from "../tensor.js";
import { expectRange, type Layer, type Sequence } from "./layer.js";

/** What passes from step to step, (N, H) each. */
export interface RecurrentState {
  readonly h: Tensor;
  /** An LSTM's cell state; left out, it starts as zeros. */
  readonly c?: Tensor | undefined;
}

export interface RecurrentOptions {
  /** Size of the input. */
  readonly D: number;
  /** Size of the hidden state. */
  readonly H: number;
  /** Size of a context that stands before every input. @default 0 */
  readonly C?: number;
  /** Time runs from each row's last step to its first. @default false */
  readonly reverse?: boolean;
  /** Each call goes on where the last one ended. @default false */
  readonly stateful?: boolean;
  /** A layer of the same sizes whose parameters are this one's too. */
  readonly tiedTo?: Recurrent | undefined;
}

// The kernels' arguments, but for the parameters and what one kind keeps; of the three kinds the LSTM has the most.
type ForwardCall = Parameters<Kernels["lstmForward"]>;
type BackwardCall = Parameters<Kernels["lstmBackward"]>;
export type KernelSizes = ForwardCall[2];
export interface ForwardPass {
  readonly hs: Tensor;
  readonly given: Omit<ForwardCall[1], "weightIh" | "weightHh" | "bias">;
  readonly sizes: KernelSizes;
}
export interface BackwardPass {
  readonly wanted: Omit<BackwardCall[0], "gates" | "dweightIh" | "dweightHh" | "dbias">;
  readonly given: Omit<BackwardCall[1], "cs" | "weightIh" | "weightHh">;
  readonly sizes: KernelSizes;
}

/**
 * What LSTM, GRU and RNN share: a whole sequence in one call, from a state and to a state. Each adds its parameters and
 * its two kernels.
 *
 * Input (N, T, D), context (N, C) before the input of every step, output (N, T, H).
 */
export abstract class Recurrent implements Layer {
  abstract readonly params: readonly Param[];
  /** Where the next call starts; undefined means zeros. A stateful layer leaves its last state here. */
  state: RecurrentState | undefined;
  /** The state after each row's last step; it lives until the layer's second-next call. */
  last: RecurrentState | undefined;
  /** Gradient on the state that the last call started from, for the encoder that supplied it. */
  dState: RecurrentState | undefined;
  /** Gradient of the context of the last call. */
  dContext: Tensor | undefined;
  protected readonly kernels: Kernels;
  protected readonly workspace: Workspace;
  /** Of the class, for errors: what a bundler leaves of `constructor.name` helps nobody. */
  protected abstract readonly kind: string;
  protected readonly hasCell: boolean = false;
  readonly #sizes: { D: number; H: number; C: number; reverse: number };
  readonly #stateful: boolean;
  #turn = 0;
  #saved: (ForwardPass & { input: Sequence }) | undefined;

  constructor(backend: Backend, { D, H, C = 0, reverse = false, stateful = false }: RecurrentOptions) {
    this.kernels = backend.kernels;
    this.workspace = new Workspace(backend.arena);
    this.#sizes = { D, H, C, reverse: Number(reverse) };
    this.#stateful = stateful;
  }

  /** Runs the kernel forward, which sets hs. @returns the last state */
  protected abstract run(pass: ForwardPass): RecurrentState;
  /** Runs the kernel back, which sets what is wanted and adds to the gradients of the parameters. */
  protected abstract runBack(pass: BackwardPass): void;

  /** @param given.lengths (N) how many steps each row has, at least 1; the rest is padding and comes out as 0 */
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
    const given = { ...frames, context, lengths, h0: this.state?.h, c0: this.state?.c };
    this.#turn = 1 - this.#turn;
    this.last = this.run({ hs, given, sizes });
    if (this.#stateful) this.state = this.last;
    this.#saved = { input, hs, given, sizes };
    return hs;
  }

  /**
   * Sets dxs (returned; undefined where the input was a lookup, whose table's gradient is added to), `dState` and
   * `dContext`; adds to the gradients of the parameters.
   * @param dhs (N, T, H), or undefined for zeros
   * @param dLast gradient of `last`
   */
  backward(dhs: Tensor | undefined, dLast?: RecurrentState): Tensor | undefined {
    const at = `${this.kind}.backward`;
    if (!this.#saved) throw new Error(`${at}: expected one forward pass before each backward pass.`);
    const { input, hs, given, sizes } = this.#saved;
    const { N, T, C, H, D } = sizes;
    if (dhs) expectShape(`${at}: dhs`, dhs.shape, [N, T, H]);
    if (dLast) this.#expectState(`${at}: dLast`, dLast, N);

    const dxs = given.xs && this.workspace.tensor("dxs", [N, T, D]);
    const dtable = input instanceof Tensor ? undefined : input.table.grad;
    if (!(input instanceof Tensor)) input.table.touched?.add(input.ids);
    const dcontext = given.context && this.workspace.tensor("dcontext", [N, C]);
    const dh0 = given.h0 && this.workspace.tensor("dh0", [N, H]);
    const dc0 = given.c0 && this.workspace.tensor("dc0", [N, H]);
    this.runBack({
      wanted: { dxs, dtable, dcontext, dh0, dc0 },
      given: { ...given, hs, dhs, dhn: dLast?.h, dcn: dLast?.c },
      sizes,
    });
    this.dContext = dcontext;
    this.dState = dh0 && { h: dh0, c: dc0 };
    this.#saved = undefined; // what the kernel kept has become gradients
    return dxs;
  }

  /** Room for a last state: the one that this call starts from must outlive it. */
  protected stateBuffer(name: string, { N, H }: KernelSizes): Tensor {
    return this.workspace.tensor(`${name}${this.#turn}`, [N, H]);
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
