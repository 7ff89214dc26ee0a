import type { PairOptions } from "./pair-options.js";

/** What goes with attention only would be refused where there is none. */
const simple = { attentionalHidden: false, inputFeeding: false, tieWeights: "none", bidirectional: false } as const;

/** The models of the book's comparison, each with what makes it different from the others of its budget. */
export const comparedModels = {
  plain: { decoder: "plain", reverse: false, ...simple },
  reverse: { decoder: "plain", reverse: true, ...simple },
  peeky: { decoder: "peeky", reverse: true, ...simple },
  attention: { decoder: "attention", reverse: true, ...simple },
} as const satisfies Record<string, Partial<PairOptions>>;
