import {
  type Backend,
  DataError,
  isTextCodec,
  LanguageModel,
  predict,
  Random,
  Sampler,
  type SavedLanguageModel,
  type SavedModel,
  type SavedSeq2Seq,
  Seq2Seq,
  type Tokenizer,
} from "seqloom";
import type { AskOptions, Prediction, TokenChance, WriteOptions, Written, WrittenToken } from "../messages.js";

/** Number of alternatives for each generated token. */
const OTHERS = 8;

export function asSeq2Seq({ model, tokenizer }: SavedModel): SavedSeq2Seq {
  if (model instanceof Seq2Seq && isTextCodec(tokenizer)) return { model, tokenizer };
  throw new DataError("Expected a seq2seq model, got a language model.", "give it a prompt instead");
}

export function asLanguageModel({ model, tokenizer }: SavedModel): SavedLanguageModel {
  if (model instanceof LanguageModel && !("target" in tokenizer)) return { model, tokenizer };
  throw new DataError("Expected a language model, got a seq2seq model.", "ask it a question instead");
}

/** Answers as `seqloom predict` does. */
export function ask(
  backend: Backend,
  saved: SavedModel,
  texts: readonly string[],
  { suppress, ...options }: AskOptions,
): Prediction[] {
  const { model, tokenizer } = asSeq2Seq(saved);
  return predict(backend, model, tokenizer, texts, {
    ...options,
    suppress: idsOf(suppress, tokenizer.target.tokenizer),
  });
}

/** The ids of comma-separated tokens; the second of two commas in a row is a token. */
export function idsOf(list: string, tokenizer: Tokenizer): number[] {
  return list === "" ? [] : list.split(",").map((token) => tokenizer.idOf(token === "" ? "," : token));
}

/** Generates as `seqloom generate` does: the same seed gives the same text. Restores the model's state. */
export function write(
  saved: SavedModel,
  { prompt, maxTokens, seed, suppress, chosen = [], ...options }: WriteOptions,
): Written {
  const { model, tokenizer } = asLanguageModel(saved);
  const given = tokenizer.encodeKnown(prompt);
  const begin = given.length > 0 ? given : [lineBreakOf(tokenizer)];
  const { greedy, temperature, topK, topP } = options;
  const sampler = new Sampler(
    { greedy, temperature, ...(topK && { topK }), ...(topP && { topP }) },
    idsOf(suppress, tokenizer),
  );
  const random = new Random(seed);
  const state = model.keepState();
  model.state = undefined;
  const tokens: WrittenToken[] = [];
  const ids = [...begin];
  let text = tokenizer.decode(ids);
  const written = { begin: text, tokens };
  let next: readonly number[] = begin;
  while (tokens.length < maxTokens) {
    const chances = model.probabilities(next, sampler.temperature, sampler.suppressed);
    const drawn = sampler.choose(chances, random); // always: tokens that the person chose do not change the random numbers of later ones
    const id = chosen[tokens.length] ?? drawn;
    ids.push(id);
    const longer = tokenizer.decode(ids);
    const others = mostProbable(tokenizer, chances);
    tokens.push({ ...chanceOf(tokenizer, id, chances), text: longer.slice(text.length), others });
    [text, next] = [longer, [id]];
  }
  model.state = state;
  return written;
}

/** The default prompt: a line break. @throws DataError if the vocabulary has none */
function lineBreakOf(tokenizer: Tokenizer): number {
  try {
    return tokenizer.idOf(tokenizer.lineBreak);
  } catch {
    throw new DataError(
      "Prompt: expected at least one token, got none.",
      "the model's vocabulary has no line break to start from: enter a prompt",
    );
  }
}

function chanceOf(tokenizer: Tokenizer, id: number, chances: Float32Array): TokenChance {
  return { id, token: tokenizer.token(id), probability: chances[id] ?? 0 };
}

export function mostProbable(tokenizer: Tokenizer, chances: Float32Array): TokenChance[] {
  const ids: number[] = [];
  for (let id = 0; id < chances.length; id++) {
    const chance = chances[id] ?? 0;
    let at = ids.length;
    while (at > 0 && chance > (chances[ids[at - 1] ?? 0] ?? 0)) at--;
    if (at < OTHERS) ids.splice(at, 0, id);
    if (ids.length > OTHERS) ids.pop();
  }
  return ids.map((id) => chanceOf(tokenizer, id, chances));
}
