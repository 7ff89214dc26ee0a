import type { SavedModel } from "seqloom";
import { asLanguageModel, mostProbable } from "./answer.js";

/** Number of continuations, each with a different first token, and the limits of words and tokens in each. */
const OFFERED = 3;
const WORDS = 3;
const TOKENS = 24;
/** Tokens that are read from the end of a long text. */
const READ = 400;

/** Suggests greedy continuations of a text, one from each of the most probable next tokens. Restores the model's state. */
export function suggest(saved: SavedModel, text: string): string[] {
  const { model, tokenizer } = asLanguageModel(saved);
  const { unknown } = tokenizer;
  const suppressed = unknown === undefined ? [] : [unknown];
  const given = tokenizer.encode(text).slice(-READ);
  const begin = given.length > 0 ? given : [tokenizer.idOf(tokenizer.lineBreak)];
  const before = tokenizer.decode(begin).length;
  const after = (ids: readonly number[]): number[] =>
    mostProbable(tokenizer, model.probabilities(ids, 1, suppressed)).map(({ id }) => id);
  const state = model.keepState();
  model.state = undefined;
  const offers = after(begin)
    .slice(0, OFFERED)
    .map((first) => {
      const ids = [...begin, first];
      model.state = undefined;
      let [next] = after(ids);
      while (next !== undefined && ids.length < begin.length + TOKENS) {
        ids.push(next);
        [next] = after([next]);
      }
      const offer = firstWords(tokenizer.decode(ids).slice(before));
      return /\s$/.test(text) ? offer.trimStart() : offer;
    });
  model.state = state;
  return [...new Set(offers)].filter((offer) => offer !== "");
}

/** The first words of a text with their leading white space; the last may be cut off where the text ends. */
function firstWords(text: string): string {
  return new RegExp(`^(\\s*\\S+){1,${WORDS}}`).exec(text)?.[0] ?? text;
}
