import type { Backend } from "../../src/engine/backend/backend.js";
import { Adam } from "../../src/engine/optim/optimizer.js";
import { Random } from "../../src/engine/random.js";
import { Seq2Seq, type Seq2SeqShape } from "../../src/models/seq2seq.js";
import { openBackend } from "../../src/node/backend.js";
import { PairBatches } from "../../src/run/batches.js";
import { Trainer } from "../../src/run/trainer.js";
import type { SavedSeq2Seq } from "../../src/tasks/model-kinds.js";
import { encodePairs } from "../../src/tasks/pairs/pairs.js";
import { EosPairs } from "../../src/tasks/pairs/text-codec.js";
import { Characters } from "../../src/text/characters.js";

const letters = new Characters([..."abcd "]);
/** Of texts of 7 letters and the mark. */
const tokenizer = new EosPairs(letters, letters, { source: 8, target: 8 });

const trained = new Map<string, readonly Float32Array[]>();

/** A model with attention that has begun to learn to write letters from the last to the first; the same on each backend. */
export async function trainTextModel(backend: Backend, shape: Seq2SeqShape = {}): Promise<SavedSeq2Seq> {
  const key = JSON.stringify(shape);
  const weights = trained.get(key) ?? (await train(shape));
  trained.set(key, weights);
  const model = makeTextModel(backend, shape);
  for (const [i, { value }] of model.params.entries()) value.data.set(weights[i] ?? []);
  return { model, tokenizer };
}

function makeTextModel(backend: Backend, shape: Seq2SeqShape): Seq2Seq {
  const sizes = { decoder: "attention", embeddingSize: 8, hiddenSize: 12, ...shape } as const;
  return Seq2Seq.for(backend, { tokenizer }, sizes).initialize(1, "uniform");
}

async function train(shape: Seq2SeqShape): Promise<Float32Array[]> {
  const backend = await openBackend("wasm", { threads: 1 });
  const model = makeTextModel(backend, shape);
  const pairs = drawTexts(1000, 5).map((source) => ({ source, target: [...source].reverse().join("") }));
  const source = new PairBatches(backend, encodePairs(tokenizer, pairs), { batchSize: 20, seed: 1 });
  const trainer = new Trainer(backend, model, new Adam(backend, model.params, 0.01));
  for await (const _ of trainer.run(source, { epochs: 4, gradClip: 5 }));
  const weights = model.params.map(({ value }) => value.data.slice());
  backend.close();
  return weights;
}

/** Texts of 0 to 7 letters. */
export function drawTexts(count: number, seed = 1): string[] {
  const random = new Random(seed);
  const letter = (): string => "abcd"[random.below(4)] ?? "";
  return Array.from({ length: count }, () => Array.from({ length: random.below(8) }, letter).join(""));
}
