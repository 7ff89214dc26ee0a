import { optimizers } from "../engine/optim/optimizer.js";
import { Random } from "../engine/random.js";
import { Seq2Seq } from "../models/seq2seq.js";
import { type Sequences, SequenceWriter } from "../models/sources.js";
import { PairBatches } from "../run/batches.js";
import { evaluatePairs } from "../run/evaluate.js";
import { Trainer } from "../run/trainer.js";
import { pairSettings } from "../tasks/pairs/pair-options.js";
import type { PairSet } from "../tasks/pairs/pairs.js";
import { FixedPairs } from "../tasks/pairs/text-codec.js";
import { Characters } from "../text/characters.js";
import type { Case } from "./case.js";
import { BACK_AND_FORTH, type PairSizes, pairFloors } from "./floor.js";
import { stepsOf } from "./updates.js";

/** A training step of a seq2seq model with the defaults of `seqloom train seq2seq`, on random characters. */
export function pairTraining(title: string, decoder: "plain" | "peeky", shape: PairSizes): Case {
  const { N, D, H } = shape;
  const { encoder, decoder: decoding } = pairFloors(shape, decoder === "peeky" ? H : 0);
  return {
    ...{ title, kind: "train", shape, weights: 0, floor: BACK_AND_FORTH * (encoder + decoding) },
    prepare(backend) {
      const { optimizer, learningRate, gradClip, init } = pairSettings({ seed: 1 });
      const tokenizer = makeTokenizer(shape);
      const model = Seq2Seq.for(backend, { tokenizer }, { decoder, embeddingSize: D, hiddenSize: H }).initialize(
        1,
        init,
      );
      const trainer = new Trainer(backend, model, new optimizers[optimizer](backend, model.params, learningRate));
      const source = new PairBatches(backend, drawPairs(shape, 20 * N), { batchSize: N, seed: 1 });
      return stepsOf(trainer, source, gradClip);
    },
    at: (sizes) => pairTraining(title, decoder, { ...shape, ...sizes }),
  };
}

/** Scoring N questions as `seqloom eval` does: the loss of the references, and greedy decoding. */
export function pairEvaluation(title: string, shape: PairSizes): Case {
  const { N, D, H } = shape;
  const { encoder, decoder } = pairFloors(shape, 0);
  return {
    ...{ title, kind: "evaluate", shape, weights: 0, floor: encoder + 2 * decoder },
    prepare(backend) {
      const tokenizer = makeTokenizer(shape);
      const model = Seq2Seq.for(backend, { tokenizer }, { embeddingSize: D, hiddenSize: H }).initialize(1);
      const pairs = drawPairs(shape, N);
      return { steps: 1, run: () => void evaluatePairs(backend, model, tokenizer, pairs) };
    },
    at: (sizes) => pairEvaluation(title, { ...shape, ...sizes }),
  };
}

/** A vocabulary of V arbitrary characters. */
function makeTokenizer({ S, T, V }: PairSizes): FixedPairs {
  const characters = new Characters(Array.from({ length: V }, (_, i) => String.fromCodePoint(0x4e00 + i)));
  return new FixedPairs(characters, characters, S, T + 1, characters.token(0));
}

function drawPairs({ S, T, V }: PairSizes, count: number): PairSet {
  const random = new Random(1);
  const draw = (width: number): Sequences => {
    const writer = new SequenceWriter();
    for (let i = 0; i < count; i++) writer.add(Int32Array.from({ length: width }, () => random.below(V)));
    return writer.finish();
  };
  return { count, sources: draw(S), targets: draw(T + 1) };
}
