/**
 * The least arithmetic of each part, forward, in floating-point operations: the input projection by way of a table where
 * the vocabulary has no more rows than the batch has tokens, a context projected once per sequence, and no product with
 * a state of zeros. Going back costs twice as much as going forward, so a training step is three times the forward pass.
 */
export const BACK_AND_FORTH = 3;

interface LSTMSizes {
  readonly N: number;
  readonly T: number;
  readonly D: number;
  readonly H: number;
  /** Rows that are projected. @default N·T */
  readonly rows?: number;
  /** Size of the context. @default 0 */
  readonly C?: number;
}

/** T steps of an LSTM, each from a state that is not zero. */
export function lstmFloor({ N, T, D, H, rows = N * T, C = 0 }: LSTMSizes): number {
  return 2 * 4 * H * (rows * D + N * C + N * T * H);
}

export function linearFloor({ N, T, D, V, C = 0 }: { N: number; T: number; D: number; V: number; C?: number }): number {
  return 2 * V * (N * T * D + N * C);
}

export type PairSizes = Readonly<Record<"N" | "S" | "T" | "D" | "H" | "V", number>>;

/** The encoder and the decoder of a seq2seq, forward. The encoder starts from zeros. */
export function pairFloors({ N, S, T, D, H, V }: PairSizes, C: number): { encoder: number; decoder: number } {
  const rows = (tokens: number): number => Math.min(V, tokens);
  const encoder = lstmFloor({ N, T: S, D, H, rows: rows(N * S) }) - lstmFloor({ N, T: 1, D, H, rows: 0 });
  const decoder = lstmFloor({ N, T, D, H, C, rows: rows(N * T) }) + linearFloor({ N, T, D: H, V, C });
  return { encoder, decoder };
}

export type TextSizes = Readonly<Record<"N" | "T" | "D" | "H" | "V" | "layers", number>>;

/** A language model, forward. @param hasTable whether equal tokens have equal inputs: dropout makes them differ */
export function textFloor({ N, T, D, H, V, layers }: TextSizes, hasTable: boolean): number {
  const first = lstmFloor({ N, T, D, H, rows: hasTable ? Math.min(V, N * T) : N * T });
  return first + (layers - 1) * lstmFloor({ N, T, D: H, H }) + linearFloor({ N, T, D: H, V });
}
