import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import { copyColumns, type Layer } from "../engine/layers/layer.js";
import type { RecurrentState } from "../engine/layers/recurrent.js";
import type { Param, Tensor } from "../engine/tensor.js";
import { DecoderStack, type DecoderStackOptions, type StepContext } from "./decoder-stack.js";
import type { DropoutOptions } from "./encoder.js";

/**
 * A decoder stack with input feeding: each step also reads the output of the previous step (zeros at first), so that it
 * knows where the attention has been. Steps must then run one by one: each is a stack of its own with shared parameters.
 *
 * Source: Luong, Pham & Manning 2015, section 3.3 (input feeding).
 */
export class FeedingStack implements Layer {
  readonly params: readonly Param[];
  readonly width: number;
  dStates: readonly (RecurrentState | undefined)[] = [];
  readonly dContext = undefined;
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  readonly #make: (step: number, of?: DecoderStack) => DecoderStack;
  readonly #steps: DecoderStack[];
  #states: readonly RecurrentState[] = [];
  /** Output of the previous step, (R, O). */
  #fed: Tensor | undefined;
  #last: DecoderStack | undefined;
  #saved: { R: number; T: number; D: number } | undefined;

  /** @param tiedTo a stack whose parameters are shared */
  constructor(
    backend: Backend,
    options: DecoderStackOptions & { combined: number },
    dropout: DropoutOptions,
    stream: number,
    tiedTo?: DecoderStack,
  ) {
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
    this.#make = (step, of) =>
      new DecoderStack(backend, { ...options, C: options.combined }, dropout, stream + step * options.layers, of);
    const first = this.#make(0, tiedTo);
    this.#steps = [first];
    this.width = first.width;
    this.params = first.params;
  }

  /** Initial states of the next call. Setting them resets the previous output to zeros. */
  set states(states: readonly RecurrentState[]) {
    this.#states = states;
    this.#fed = undefined;
  }

  get states(): readonly RecurrentState[] {
    return this.#states;
  }

  get attention(): Tensor | undefined {
    return this.#last?.attention;
  }

  /** Replaces states and previous output by those of chosen rows. */
  replace(choose: (name: string, tensor: Tensor) => Tensor, states: readonly RecurrentState[]): void {
    this.#states = states;
    this.#fed &&= choose("fed", this.#fed);
  }

  /** @param xs (R, T, D) */
  forward(xs: Tensor, { memory }: StepContext): Tensor {
    const [R = 0, T = 0, D = 0] = xs.shape;
    const O = this.width;
    const ys = this.#workspace.tensor("ys", [R, T, O]);
    for (let t = 0; t < T; t++) {
      const step = this.#step(t);
      const x = this.#workspace.tensor(`x${t}`, [R, 1, D]);
      copyColumns(this.#backend, { tensor: x }, { tensor: xs.as([R, T * D]), from: t * D }, D);
      step.states = this.#states;
      const y = step.forward(x, { context: this.#fed ?? this.#zeros(R), memory });
      copyColumns(this.#backend, { tensor: ys.as([R, T * O]), from: t * O }, { tensor: y }, O);
      this.#fed = y.as([R, O]);
      this.#states = step.states;
      this.#last = step;
    }
    this.#saved = { R, T, D };
    return ys;
  }

  backward(dys: Tensor): Tensor {
    if (!this.#saved) throw new Error("FeedingStack.backward: expected one forward pass before each backward pass.");
    const { R, T, D } = this.#saved;
    const O = this.width;
    const dxs = this.#workspace.tensor("dxs", [R, T, D]);
    let dfed: Tensor | undefined;
    let dLast: readonly (RecurrentState | undefined)[] = [];
    for (let t = T - 1; t >= 0; t--) {
      const step = this.#step(t);
      const dy = this.#workspace.tensor("dy", [R, 1, O]);
      copyColumns(this.#backend, { tensor: dy }, { tensor: dys.as([R, T * O]), from: t * O }, O);
      if (dfed) this.#backend.kernels.accumulate({ ys: dy }, { xs: dfed }, { R: dy.size });
      const dx = step.backward(dy, dLast);
      if (dx) copyColumns(this.#backend, { tensor: dxs.as([R, T * D]), from: t * D }, { tensor: dx }, D);
      [dfed, dLast] = [step.dContext, step.dStates];
    }
    this.dStates = dLast;
    this.#saved = undefined;
    return dxs;
  }

  #step(t: number): DecoderStack {
    const step = this.#steps[t] ?? this.#make(t, this.#steps[0]);
    this.#steps[t] = step;
    return step;
  }

  #zeros(R: number): Tensor {
    const zeros = this.#workspace.tensor("zeros", [R, this.width]);
    zeros.data.fill(0);
    return zeros;
  }
}
