import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { expectShape } from "../errors.js";
import type { Ints, Param, Tensor } from "../tensor.js";
import { expectRange, type Layer } from "./layer.js";
import { Linear } from "./linear.js";

/**
 * The memory of attention: a value and a key for each source position.
 *
 *     keys = values·keyᵀ        (N, S, A); without a key projection, keys = values
 *
 * Values (N, S, H), kept with their keys until the next `read`. Several attentions may share a memory: each adds to its
 * gradient, and `backward` comes after all of theirs.
 */
export class AttentionMemory implements Layer {
  readonly params: readonly Param[];
  /** Number of positions in each sequence (N), or undefined for all S. */
  lengths: Ints | undefined;
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  readonly #key: Linear | undefined;
  readonly #H: number;
  #values: Tensor | undefined;
  #keys: Tensor | undefined;
  #hasGradient = false;

  /** @param sizes H: size of a value; A: size of a projected key, or undefined for keys = values */
  constructor(backend: Backend, { H, A }: { H: number; A?: number | undefined }, name = "memory") {
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
    this.#H = H;
    this.#key = A === undefined ? undefined : new Linear(backend, { D: H, O: A }, `${name}.key`, { bias: false });
    this.params = this.#key?.params ?? [];
  }

  /**
   * Stores values (N, S, H), valid lengths (N) and the projected keys.
   * @throws ShapeError for another shape; DataError for a length below 1 or above S
   */
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
    this.#hasGradient = false;
  }

  /** Values (N, S, H). */
  get values(): Tensor {
    if (!this.#values) throw new Error("AttentionMemory: expected a call of read before it, got none.");
    return this.#values;
  }

  /** Keys (N, S, A). */
  get keys(): Tensor {
    return this.#keys ?? this.values;
  }

  /** Buffers in which an attention sets its gradients of keys and values; `add` follows. */
  gradients(): { dkeys: Tensor; dvalues: Tensor } {
    const of = (name: string, { shape }: Tensor): Tensor =>
      this.#workspace.tensor(`${this.#hasGradient ? "more " : ""}${name}`, shape);
    return { dkeys: of("dkeys", this.keys), dvalues: of("dvalues", this.values) };
  }

  /** Adds the gradients in the buffers of `gradients` to those of the other attentions. */
  add({ dkeys, dvalues }: { dkeys: Tensor; dvalues: Tensor }): void {
    if (this.#hasGradient) {
      this.#accumulate("dkeys", dkeys);
      this.#accumulate("dvalues", dvalues);
    }
    this.#hasGradient = true;
  }

  /** Sets dvalues (N, S, H) (returned), adds to the gradient of the key weight. Call it once, after all attentions. */
  backward(): Tensor {
    const [dkeys, dvalues] = [
      this.#workspace.tensor("dkeys", this.keys.shape),
      this.#workspace.tensor("dvalues", this.values.shape),
    ];
    this.#addTo(dvalues, this.#key?.backward(dkeys) ?? dkeys);
    this.#hasGradient = false;
    return dvalues;
  }

  #accumulate(name: string, more: Tensor): void {
    this.#addTo(this.#workspace.tensor(name, more.shape), more);
  }

  #addTo(ys: Tensor, xs: Tensor): void {
    this.#backend.kernels.accumulate({ ys }, { xs }, { R: xs.size });
  }
}
