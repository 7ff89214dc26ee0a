import type { Backend } from "../backend/backend.js";
import { Captioner } from "../models/captioner.js";
import type { CaptionData } from "../node/caption-task.js";
import { type CaptionSettings, listOf } from "../train/caption-options.js";
import type { Division } from "./division.js";
import { PairRun } from "./training.js";

/** The run of a captioner. */
export function captionRun(
  backend: Backend,
  data: CaptionData,
  settings: CaptionSettings,
  division?: Division,
): PairRun {
  const { seed, smoothing, sampling, init } = settings;
  const { decoder, first, attention, combine, inputFeeding, tied, cell, layers, hidden, embedding, dropout } = settings;
  const look = { decoder, first, attention, combine, inputFeeding, tied };
  const shape = { ...look, cell, layers, hidden, embedding, dropout, blocks: listOf(settings.blocks) };
  const model = Captioner.for(backend, data, shape, { seed, smoothing, sampling }).initialize(seed, init);
  return new PairRun(backend, data, { model, tokenizer: data.tokenizer }, settings, division);
}
