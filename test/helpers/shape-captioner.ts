import type { Backend } from "../../src/engine/backend/backend.js";
import { Adam } from "../../src/engine/optim/optimizer.js";
import { Captioner } from "../../src/models/captioner.js";
import { SequenceWriter } from "../../src/models/sources.js";
import { PairBatches } from "../../src/run/batches.js";
import { Trainer } from "../../src/run/trainer.js";
import { CaptionPairs } from "../../src/tasks/captions/caption-codec.js";
import type { PictureFormat } from "../../src/tasks/captions/picture-format.js";
import { Pictures } from "../../src/tasks/captions/pictures.js";
import { paintScene } from "../../src/tasks/captions/shape-scenes.js";
import { shapes } from "../../src/tasks/captions/shapes.js";
import { Words } from "../../src/text/words.js";

const SIDE = 24;

export const shapeFormat: PictureFormat = {
  ...{ height: SIDE, width: SIDE, mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25], channels: "rgb" },
};

const drawn = shapes({ count: 1000, captions: 1 }).train;
const captions = drawn.map((each) => each.captions[0] ?? "");
const longest = 14;

/** A captioner with attention to 6 × 6 places, trained on shapes for a few seconds: it says of each picture something else. */
export async function trainShapeCaptioner(
  backend: Backend,
  steps = 100,
): Promise<{ model: Captioner; tokenizer: CaptionPairs }> {
  const words = Words.train(captions, { size: 100 });
  const tokenizer = new CaptionPairs(words, shapeFormat, { height: SIDE, width: SIDE, channels: 3 }, longest);
  const shape = { decoder: "attention" as const, blocks: [12, 24], embeddingSize: 24, hiddenSize: 48 };
  const model = Captioner.for(backend, { tokenizer }, shape).initialize(1, "glorot");
  const targets = new SequenceWriter();
  for (const caption of captions) targets.add(tokenizer.target.encode(caption));
  const pictures = drawn.map(({ scene }) => paintScene(scene, SIDE));
  const sources = new Pictures([SIDE, SIDE, 3], pictures, shapeFormat);
  const batches = new PairBatches(
    backend,
    { count: pictures.length, sources, targets: targets.finish() },
    { batchSize: 32, seed: 1 },
  );
  const trainer = new Trainer(backend, model, new Adam(backend, model.params, 0.005));
  for await (const _ of trainer.run(batches, { epochs: steps, maxSteps: steps, gradClip: 1 }));
  return { model, tokenizer };
}

/** The same with a decoder alone, for what another network has made of the pictures. */
export function makeTransferCaptioner(backend: Backend, file: string): { model: Captioner; tokenizer: CaptionPairs } {
  const network = { file, sha256: "0".repeat(64), output: "features", layout: "nchw", scale: 1 } as const;
  const picture = { height: 2, width: 2, channels: 5 };
  const tokenizer = new CaptionPairs(
    Words.train(captions, { size: 100 }),
    { ...shapeFormat, network },
    picture,
    longest,
  );
  return {
    model: Captioner.for(backend, { tokenizer }, { blocks: [], embeddingSize: 6, hiddenSize: 8 }).initialize(1),
    tokenizer,
  };
}
