import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { expectShape } from "../errors.js";
import type { Ints, Param, Tensor } from "../tensor.js";
import { expectRange, type Layer } from "./layer.js";
import { Linear } from "./linear.js";

/**
 * What attention looks at: a value for each position of the source, and a key by which it is found.
 *
 *     keys = values·keyᵀ        (N, S, A); without a key weight the values are their own keys
 *
 * Values (N, S, H), kept with their keys until the next `read`. Several attentions may look at one memory, one after the
 * other, and each adds to its gradient.
 */
export class AttentionMemory implements Layer {
  readonly params: readonly Param[];
  /** How many positions each row has, (N); undefined: all S. */
  lengths: Ints | undefined;
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  readonly #key: Linear | undefined;
  readonly #H: number;
  #values: Tensor | undefined;
  #keys: Tensor | undefined;
  #looked = false;

  /** @param sizes A: size of a key, where the keys are projections */
  constructor(backend: Backend, { H, A }: { H: number; A?: number | undefined }, name = "memory") {
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
    this.#H = H;
    this.#key = A === undefined ? undefined : new Linear(backend, { D: H, O: A }, `${name}.key`, { bias: false });
    this.params = this.#key?.params ?? [];
  }

  read(values: Tensor, lengths?: Ints): void {
    expectShape("AttentionMemory.read: values", values.shape, ["N", "S", this.#H]);
    const [N = 0, S = 0] = values.shape;
    if (lengths) {
      expectShape("AttentionMemory.read: lengths", lengths.shape, [N]);
      expectRange("AttentionMemory.read: lengths", lengths, 1, S);
    }
    this.#values = values;
    this.#keys = this.#key?.forward(values) ?? values;
    this.lengths = lengths;
    this.#looked = false;
  }

  /** (N, S, H) */
  get values(): Tensor {
    if (!this.#values) throw new Error("AttentionMemory: expected something read.");
    return this.#values;
  }

  /** (N, S, A) */
  get keys(): Tensor {
    return this.#keys ?? this.values;
  }

  /** Room in which one attention sets its gradients of keys and values, before `add`. */
  gradients(): { dkeys: Tensor; dvalues: Tensor } {
    const of = (name: string, { shape }: Tensor): Tensor =>
      this.#workspace.tensor(`${this.#looked ? "more " : ""}${name}`, shape);
    return { dkeys: of("dkeys", this.keys), dvalues: of("dvalues", this.values) };
  }

  /** Takes the gradients that were set. */
  add({ dkeys, dvalues }: { dkeys: Tensor; dvalues: Tensor }): void {
    if (this.#looked) {
      this.#accumulate("dkeys", dkeys);
      this.#accumulate("dvalues", dvalues);
    }
    this.#looked = true;
  }

  /** The gradient of the values, (N, S, H); adds to that of the key weight. Called once, when all attentions went back. */
  backward(): Tensor {
    const [dkeys, dvalues] = [
      this.#workspace.tensor("dkeys", this.keys.shape),
      this.#workspace.tensor("dvalues", this.values.shape),
    ];
    this.#addTo(dvalues, this.#key?.backward(dkeys) ?? dkeys);
    this.#looked = false;
    return dvalues;
  }

  #accumulate(name: string, more: Tensor): void {
    this.#addTo(this.#workspace.tensor(name, more.shape), more);
  }

  #addTo(ys: Tensor, xs: Tensor): void {
    this.#backend.kernels.accumulate({ ys }, { xs }, { R: xs.size });
  }
}
