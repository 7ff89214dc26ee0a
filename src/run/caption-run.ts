import type { Backend } from "../engine/backend/backend.js";
import { OptionError } from "../engine/errors.js";
import { Captioner } from "../models/captioner.js";
import type { CaptionPairs } from "../tasks/captions/caption-codec.js";
import { type CaptionSettings, listOf } from "../tasks/captions/caption-options.js";
import type { CaptionData } from "../tasks/captions/caption-task.js";
import { type Division, PairRun } from "./pair-run.js";

/** The run of a captioner. */
export function captionRun(
  backend: Backend,
  data: CaptionData,
  settings: CaptionSettings,
  division?: Division,
): PairRun {
  const { seed, labelSmoothing, scheduledSampling, init } = settings;
  const {
    decoder,
    first,
    attentionScore,
    attentionalHidden,
    inputFeeding,
    tieWeights,
    cell,
    layers,
    hiddenSize,
    embeddingSize,
    dropout,
  } = settings;
  const look = { decoder, first, attentionScore, attentionalHidden, inputFeeding, tieWeights };
  const shape = { ...look, cell, layers, hiddenSize, embeddingSize, dropout, blocks: listOf(settings.blocks) };
  expectGrid(data.tokenizer, settings);
  const model = Captioner.for(backend, data, shape, { seed, labelSmoothing, scheduledSampling }).initialize(seed, init);
  return new PairRun(backend, data, { model, tokenizer: data.tokenizer }, settings, division);
}

/** @throws OptionError for convolutions over the single vector of a network */
function expectGrid({ source: { picture, format } }: CaptionPairs, { blocks }: CaptionSettings) {
  const { height, width } = picture;
  const { network } = format;
  if (network && height * width === 1 && blocks !== "none")
    throw new OptionError(
      `blocks: expected none for ${network.file}, whose output ${network.output} is a vector, got ${blocks}.`,
      "cnnOutput can name an output that is a grid; or leave out `blocks` and `preset`",
    );
}
