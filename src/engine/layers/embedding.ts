import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { expectShape } from "../errors.js";
import type { Ints, Param, SparseRows, Tensor } from "../tensor.js";
import { expectRange, type Layer, makeParam, type Sequence } from "./layer.js";

/**
 * Embedding table: `xs[n, t] = weight[ids[n, t]]`.
 *
 * Input ids (N, T) from 0 to V − 1, output (N, T, D). The gradient of the weight (V, D) is sparse unless it is tied.
 */
export class Embedding implements Layer {
  readonly params: readonly [weight: Param];
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  readonly #sizes: { V: number; D: number };
  #ids: Ints | undefined;

  /**
   * @param sizes V: vocabulary size; D: embedding size
   * @param tied another layer's parameter to use as the weight, or true if another layer will use this weight
   */
  constructor(
    backend: Backend,
    sizes: { V: number; D: number },
    name = "embedding",
    tied: Param | boolean | undefined = false,
  ) {
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
    this.#sizes = sizes;
    const shape = [sizes.V, sizes.D];
    if (typeof tied === "object") expectShape("Embedding: tied weight", tied.value.shape, shape);
    const weight = typeof tied === "object" ? tied : makeParam(backend.arena, `${name}.weight`, shape);
    this.params = [tied ? weight : { ...weight, touched: new TouchedRows(backend, sizes.V) }];
  }

  /** Returns the embeddings xs (N, T, D). @throws DataError for an id outside of 0 … V − 1 */
  forward(ids: Ints): Tensor {
    const { D } = this.#sizes;
    expectShape("Embedding.forward: ids", ids.shape, ["N", "T"]);
    expectRange("Embedding.forward: ids", ids, 0, this.#sizes.V - 1);
    const xs = this.#workspace.tensor("xs", [...ids.shape, D]);
    this.#backend.kernels.embeddingForward({ ys: xs }, { ids, weight: this.params[0].value }, { R: ids.size, D });
    this.#ids = ids;
    return xs;
  }

  /** Adds to the gradient of the weight. */
  backward(dxs: Tensor): void {
    if (!this.#ids) throw new Error("Embedding.backward: expected a forward pass before it, got none.");
    const { D } = this.#sizes;
    expectShape("Embedding.backward: dxs", dxs.shape, [...this.#ids.shape, D]);
    const weight = this.params[0];
    weight.touched?.add(this.#ids);
    this.#backend.kernels.embeddingBackward(
      { dweight: weight.grad },
      { dys: dxs, ids: this.#ids },
      { R: this.#ids.size, D },
    );
  }

  /**
   * Input for a recurrent layer: ids with the table if the table has no more rows than the batch has tokens, otherwise
   * the embeddings.
   */
  sequence(ids: Ints): Sequence {
    return this.#sizes.V <= ids.size ? { ids, table: this.params[0] } : this.forward(ids);
  }
}

/** Rows of the gradient that may differ from zero: those of the ids that occurred since the last step. */
class TouchedRows implements SparseRows {
  readonly #workspace: Workspace;
  readonly #rows = new Set<number>();

  constructor(
    backend: Backend,
    readonly V: number,
  ) {
    this.#workspace = new Workspace(backend.arena);
  }

  add(ids: Ints): void {
    for (const id of ids.data) this.#rows.add(id);
  }

  clear(): void {
    this.#rows.clear();
  }

  get ids(): Ints | undefined {
    if (this.#rows.size === this.V) return undefined;
    const buffer = this.#workspace.ints("ids", [this.V]); // of all V rows, so that a later step never allocates
    const ids = buffer.rows(0, this.#rows.size);
    ids.data.set([...this.#rows].sort((a, b) => a - b));
    return ids;
  }
}
