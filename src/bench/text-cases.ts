import { generateIds } from "../decode/generate.js";
import type { Backend } from "../engine/backend/backend.js";
import { optimizers } from "../engine/optim/optimizer.js";
import { Random } from "../engine/random.js";
import { LanguageModel } from "../models/language-model.js";
import { TextBatches } from "../run/text-batches.js";
import { Trainer } from "../run/trainer.js";
import { MemoryText } from "../tasks/texts/text.js";
import { textPresets } from "../tasks/texts/text-options.js";
import type { Case } from "./case.js";
import { BACK_AND_FORTH, type TextSizes, textFloor } from "./floor.js";
import { stepsOf } from "./updates.js";

type Preset = keyof typeof textPresets;

/** Number of tokens that one run generates. */
const RUN = 32;

/** A training step of a preset of `seqloom train lm`, at any sizes. */
export function textTraining(title: string, preset: Preset, given: TextSizes): Case {
  const { dropout, optimizer, learningRate, gradClip } = textPresets[preset];
  const shape = widthsOf(preset, given);
  return {
    ...{ title, kind: "train", shape, weights: 0, floor: BACK_AND_FORTH * textFloor(shape, dropout === 0) },
    prepare(backend) {
      const model = makeModel(backend, preset, shape);
      const trainer = new Trainer(backend, model, new optimizers[optimizer](backend, model.params, learningRate));
      return stepsOf(trainer, new TextBatches(backend, drawText(shape), shape), gradClip);
    },
    at: (sizes) => textTraining(title, preset, { ...shape, ...sizes }),
  };
}

/** Generation of one sequence, sampling from the full distribution. */
export function textGeneration(title: string, preset: Preset, given: Omit<TextSizes, "N" | "T">): Case {
  const { D, H, V, layers } = widthsOf(preset, given);
  const shape = { D, H, V, layers };
  return {
    ...{ title, kind: "generate", shape, floor: textFloor({ ...shape, N: 1, T: 1 }, false) },
    weights: 4 * H * (D + H) + (layers - 1) * 8 * H * H + H * V,
    prepare(backend) {
      const model = makeModel(backend, preset, shape);
      const ids = generateIds(model, { prompt: [0], maxTokens: Number.POSITIVE_INFINITY });
      return {
        steps: RUN,
        run() {
          for (let i = 0; i < RUN; i++) ids.next();
        },
      };
    },
    at: (sizes) => textGeneration(title, preset, { ...shape, ...sizes }),
  };
}

/** The sizes with D = H for presets with tied weights. */
function widthsOf<Sizes extends { readonly D: number; readonly H: number }>(preset: Preset, sizes: Sizes): Sizes {
  return textPresets[preset].tieWeights !== "none" ? { ...sizes, D: sizes.H } : sizes;
}

function makeModel(backend: Backend, preset: Preset, { D, H, V, layers }: Omit<TextSizes, "N" | "T">): LanguageModel {
  const { cell, dropout, tieWeights, init } = textPresets[preset];
  const sizes = { layers, vocabSize: V, embeddingSize: D, hiddenSize: H };
  return new LanguageModel(backend, { kind: "language-model", cell, dropout, tieWeights, ...sizes }).initialize(
    1,
    init,
  );
}

/** Twenty batches in which, as in a text, word k of the list is about 1/k as frequent as the first. */
function drawText({ N, T, V }: TextSizes): MemoryText {
  const random = new Random(1);
  const draw = (): number => Math.min(V, Math.floor((V + 1) ** random.uniform())) - 1;
  return new MemoryText(Int32Array.from({ length: 20 * N * T + 1 }, draw));
}
