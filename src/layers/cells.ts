import { GRU } from "./gru.js";
import { LSTM } from "./lstm.js";
import { RNN } from "./rnn.js";

/** Recurrent layers by name: what a model can be built of. */
export const cells = { lstm: LSTM, gru: GRU, rnn: RNN } as const;
export type CellName = keyof typeof cells;
