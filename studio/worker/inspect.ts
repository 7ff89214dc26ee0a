import type { Backend, SavedModel, SavedSeq2Seq, Tensor } from "seqloom";
import type { Inspection } from "../messages.js";
import { asSeq2Seq } from "./answer.js";
import { findDigits } from "./digits.js";

/** Records the hidden states and attention weights of a greedy answer. */
export function inspect(backend: Backend, saved: SavedModel, text: string): Inspection {
  const pairs = asSeq2Seq(saved);
  return { ...look(backend, pairs, text), digits: findDigits(backend, pairs, text) };
}

function look(backend: Backend, { model, tokenizer }: SavedSeq2Seq, text: string): Omit<Inspection, "digits"> {
  const ids = tokenizer.source.encode(text);
  const source = backend.arena.ints([1, ids.length]);
  const next = backend.arena.ints([1, 1]);
  try {
    source.data.set(ids);
    const encoded = model.encode(source);
    const reading = rowsOf(encoded.hs);
    model.start(encoded);
    next.data[0] = tokenizer.target.start;
    const [given, written]: [number[], number[]] = [[], []];
    const [writing, attention]: [number[][], number[][]] = [[], []];
    while (written.length < tokenizer.target.longest) {
      given.push(next.data[0] ?? 0);
      const logits = model.step(next).data;
      const id = logits.reduce((best, x, i) => (x > (logits[best] ?? 0) ? i : best), 0);
      written.push(id);
      writing.push([...(model.hidden?.data ?? [])]);
      if (model.attention) attention.push([...model.attention.data]);
      if (id === tokenizer.target.end) break;
      next.data[0] = id;
    }
    return {
      source: tokenizer.source.tokens(ids),
      given: tokenizer.target.tokens(given),
      target: tokenizer.target.tokens(written),
      attention: attention.length > 0 ? attention : undefined,
      ...{ reading, writing },
    };
  } finally {
    backend.arena.free(source);
    backend.arena.free(next);
  }
}

/** The rows along the last axis. */
function rowsOf({ shape, data }: Tensor): number[][] {
  const width = shape.at(-1) ?? 1;
  return Array.from({ length: data.length / width }, (_, r) => [...data.subarray(r * width, (r + 1) * width)]);
}
