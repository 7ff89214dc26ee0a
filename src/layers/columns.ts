import type { Backend } from "../backend/backend.js";
import type { Tensor } from "../tensor.js";

/** Where columns lie: those of `tensor`'s last axis from `from` on. */
export interface Columns {
  readonly tensor: Tensor;
  /** @default 0 */
  readonly from?: number;
}

/** Copies `columns` columns of every row: to put matrices side by side, and to take one of them back. */
export function copyColumns(
  backend: Backend,
  { tensor: ys, from: to = 0 }: Columns,
  { tensor: xs, from = 0 }: Columns,
  columns: number,
): void {
  const [O, D] = [ys.shape.at(-1) ?? 0, xs.shape.at(-1) ?? 0];
  backend.kernels.copyColumns({ ys }, { xs }, { R: ys.size / O, O, to, D, from, columns });
}
