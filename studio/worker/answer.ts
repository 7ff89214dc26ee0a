import {
  type Backend,
  DataError,
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
import type { Answer, Inspection, TokenChance, WriteOptions, Written, WrittenToken } from "../messages.js";

/** The likeliest tokens that are told beside the one that was written. */
const OTHERS = 8;

function asSeq2Seq({ model, tokenizer }: SavedModel): SavedSeq2Seq {
  if (model instanceof Seq2Seq && "sourceSize" in tokenizer) return { model, tokenizer };
  throw new DataError("Expected a model that answers, got one that writes.", "give it a beginning instead");
}

function asLanguageModel({ model, tokenizer }: SavedModel): SavedLanguageModel {
  if (model instanceof LanguageModel && !("sourceSize" in tokenizer)) return { model, tokenizer };
  throw new DataError("Expected a model that writes, got one that answers.", "ask it a question instead");
}

/** Answers as `seqloom predict` does. */
export function ask(backend: Backend, saved: SavedModel, texts: readonly string[]): Answer[] {
  const { model, tokenizer } = asSeq2Seq(saved);
  return predict(backend, model, tokenizer, texts);
}

/** Writes as `seqloom generate` does: the same seed gives the same text. What the model had read is put back. */
export function write(saved: SavedModel, { start, length, seed, skip, ...options }: WriteOptions): Written {
  const { model, tokenizer } = asLanguageModel(saved);
  const given = tokenizer.encodeKnown(start);
  const begin = given.length > 0 ? given : [lineBreakOf(tokenizer)];
  const skipped = skip === "" ? [] : skip.split(",").map((token) => tokenizer.idOf(token === "" ? "," : token));
  const { greedy, temperature, topK, topP } = options;
  const sampler = new Sampler({ greedy, temperature, ...(topK && { topK }), ...(topP && { topP }) }, skipped);
  const random = new Random(seed);
  const state = model.keepState();
  model.state = undefined;
  const tokens: WrittenToken[] = [];
  const ids = [...begin];
  let text = tokenizer.decode(ids);
  const written = { begin: text, tokens };
  let next: readonly number[] = begin;
  while (ids.length < length) {
    const chances = model.probabilities(next, sampler.temperature, sampler.skipped);
    const id = sampler.choose(chances, random);
    ids.push(id);
    const longer = tokenizer.decode(ids);
    const others = likeliest(tokenizer, chances);
    tokens.push({ ...chanceOf(tokenizer, id, chances), text: longer.slice(text.length), others });
    [text, next] = [longer, [id]];
  }
  model.state = state;
  return written;
}

/** What a text goes on from where no beginning is given. */
function lineBreakOf(tokenizer: Tokenizer): number {
  try {
    return tokenizer.idOf(tokenizer.lineBreak);
  } catch {
    throw new DataError(
      "Beginning: expected a character or more, got none.",
      "the text had no line break to begin after: write how it shall begin",
    );
  }
}

function chanceOf(tokenizer: Tokenizer, id: number, chances: Float32Array): TokenChance {
  return { id, token: tokenizer.token(id), probability: chances[id] ?? 0 };
}

function likeliest(tokenizer: Tokenizer, chances: Float32Array): TokenChance[] {
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

/** What goes on in a seq2seq while it answers greedily. */
export function inspect(backend: Backend, saved: SavedModel, text: string): Inspection {
  const { model, tokenizer } = asSeq2Seq(saved);
  const ids = tokenizer.encodeSource(text);
  const source = backend.arena.ints([1, ids.length]);
  const next = backend.arena.ints([1, 1]);
  try {
    source.data.set(ids);
    const encoded = model.encode(source);
    const [, S = 0, H = 0] = encoded.hs.shape;
    const reading = Array.from({ length: S }, (_, s) => [...encoded.hs.data.subarray(s * H, (s + 1) * H)]);
    model.start(encoded);
    next.data[0] = tokenizer.start;
    const [written, attention]: [number[], number[][]] = [[], []];
    while (written.length < tokenizer.longest.target) {
      const logits = model.step(next).data;
      const id = logits.reduce((best, x, i) => (x > (logits[best] ?? 0) ? i : best), 0);
      written.push(id);
      if (model.attention) attention.push([...model.attention.data]);
      if (id === tokenizer.end) break;
      next.data[0] = id;
    }
    return {
      source: tokenizer.sourceTokens(ids),
      target: tokenizer.targetTokens(written),
      attention: attention.length > 0 ? attention : undefined,
      reading,
    };
  } finally {
    backend.arena.free(source);
    backend.arena.free(next);
  }
}
