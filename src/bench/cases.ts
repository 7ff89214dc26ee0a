import { pairEvaluation, pairTraining } from "./pair-cases.js";
import { textGeneration, textTraining } from "./text-cases.js";

const addition = { N: 128, S: 7, T: 4, D: 16, H: 128, V: 13 };
const small = { D: 100, H: 100, V: 10_000, layers: 1 };
const large = { D: 650, H: 650, V: 10_000, layers: 2 };
const characters = { D: 64, H: 256, V: 65, layers: 2 };
const window = { N: 20, T: 35 };

/** The cases that `seqloom bench` measures. */
export const cases = {
  "addition-plain": pairTraining("training, addition, plain", "plain", addition),
  "addition-peeky": pairTraining("training, addition, peeky", "peeky", addition),
  rnnlm: textTraining("training, rnnlm", "rnnlm", { ...window, ...small }),
  "better-rnnlm": textTraining("training, better-rnnlm", "better-rnnlm", { ...window, ...large }),
  "generate-rnnlm": textGeneration("generation, rnnlm", "rnnlm", small),
  "generate-better-rnnlm": textGeneration("generation, better-rnnlm", "better-rnnlm", large),
  "generate-characters": textGeneration("generation, characters", "characters", characters),
  "evaluate-addition": pairEvaluation("evaluation, addition", { ...addition, N: 500 }),
};
export type CaseName = keyof typeof cases;
