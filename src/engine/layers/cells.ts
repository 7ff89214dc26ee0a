import { GRU } from "./gru.js";
import { LSTM } from "./lstm.js";
import { RNN } from "./rnn.js";

/** Recurrent layers by name. */
export const cells = { lstm: LSTM, gru: GRU, rnn: RNN } as const;
/** Name of a recurrent layer. */
export type CellName = keyof typeof cells;
