import type { Backend } from "../../src/engine/backend/backend.js";
import { Random } from "../../src/engine/random.js";
import { Seq2Seq, type Seq2SeqShape } from "../../src/models/seq2seq.js";
import type { SavedSeq2Seq } from "../../src/tasks/model-kinds.js";
import { makePairData } from "../../src/tasks/pairs/fixed-data.js";
import type { Pair, PairData } from "../../src/tasks/pairs/pairs.js";
import { EosPairs } from "../../src/tasks/pairs/text-codec.js";
import { Characters } from "../../src/text/characters.js";

const characters = new Characters([..."abcdefg"]);

/** Pairs of texts of any length, with one vocabulary of 7 letters and the mark. */
export const letters = new EosPairs(characters, characters, { source: 13, target: 13 });

/** Words of 0 to 12 letters, with their letters from the last to the first; a tenth of the words for the test. */
export function reversedWords(count: number, seed = 1): PairData {
  const random = new Random(seed, 12);
  const pairs = Array.from({ length: count }, (): Pair => {
    const word = Array.from({ length: random.below(13) }, () => characters.token(random.below(7)));
    return { source: word.join(""), target: word.toReversed().join("") };
  });
  const held = Math.ceil(count / 10);
  return makePairData("reversed words", letters, pairs.slice(held), pairs.slice(0, held));
}

/** A small model of such pairs, with N(0, 1/fan-in) weights. */
export function makeLetterModel(backend: Backend, shape: Seq2SeqShape = {}): SavedSeq2Seq {
  const sizes = { embeddingSize: 6, hiddenSize: 8 };
  const model = Seq2Seq.for(backend, { tokenizer: letters }, { decoder: "attention", ...sizes, ...shape }).initialize(
    1,
  );
  return { model, tokenizer: letters };
}
