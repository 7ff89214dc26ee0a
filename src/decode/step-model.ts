import type { Ints, Tensor } from "../engine/tensor.js";

/** What a search needs of a model that writes one token after another. Rows: beam b of source n is row n·B + b. */
export interface StepModel {
  /** Tokens that a step chooses among, the end among them. */
  readonly vocabSize: number;
  /**
   * Takes up the N sources of a batch that was encoded before, B rows for each. `lengths` (N), for attention: how long
   * each source is without what fills it; left out, all S positions are of the source.
   */
  begin(B: number): { readonly N: number; readonly lengths?: Ints | undefined };
  /** The logits (R, V) after one more token in each of the R = N·B rows, `ids` (R, 1). The search writes over them. */
  step(ids: Ints): Tensor;
  /** Makes row r go on from what row parents[r] has read. */
  reorder(parents: Ints): void;
  /** How much each row looked at each source position in the last step, (R, S), where the model has attention. */
  readonly attention: Tensor | undefined;
}
