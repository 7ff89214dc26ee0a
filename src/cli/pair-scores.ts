import type { PairMeasureName, PairScores } from "../run/evaluate.js";
import { Characters } from "../text/characters.js";
import type { PairCodec } from "../text/codec.js";
import { Words } from "../text/words.js";
import { percent } from "./output.js";

/** How a score is called and written. */
export interface ShownScore {
  readonly name: PairMeasureName;
  readonly label: string;
  format(score: number): string;
}

const points = (score: number): string => score.toFixed(2);
const hundredths = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** The scores that are shown, in their order; the error rate says what its tokens are. */
export function shownScores(tokenizer: PairCodec): ShownScore[] {
  return [
    { name: "judged", label: "judged right", format: percent },
    { name: "exactMatch", label: "exact match", format: percent },
    { name: "positionAccuracy", label: "position accuracy", format: percent },
    { name: "errorRate", label: `error rate (${unitOf(tokenizer)})`, format: hundredths },
    { name: "tokenAccuracy", label: `token accuracy (teacher forcing, ${unitOf(tokenizer)})`, format: percent },
    { name: "bleu", label: "BLEU", format: points },
    { name: "chrf", label: "chrF", format: points },
    { name: "perplexity", label: "perplexity", format: (score) => score.toFixed(4) },
  ];
}

function unitOf({ target }: PairCodec): string {
  if (target instanceof Characters) return target.unit;
  return target instanceof Words ? "words" : "tokens";
}

/** Some scores in words, each with its label; what there is none of is left out. */
export function scoreFacts(
  scores: PairScores,
  tokenizer: PairCodec,
  names: readonly PairMeasureName[],
): { label: string; value: string }[] {
  return shownScores(tokenizer).flatMap(({ name, label, format }) => {
    const score = scores[name];
    return score === undefined || !names.includes(name) ? [] : [{ label, value: format(score) }];
  });
}
