import * as z from "zod/mini";
import { describeOption, keysOf, type OptionGroup } from "../engine/check-options.js";
import { cells } from "../engine/layers/cells.js";
import { initializers } from "../engine/layers/initialize.js";
import { weightTyings } from "../engine/layers/token-head.js";
import { optimizers, schedules } from "../engine/optim/optimizer.js";

/** An option whose default is the preset's value. */
const preset = <T>(group: OptionGroup, sentence: string) => describeOption<T>(group, sentence, "preset");

/** A whole number from 1. */
export const size = (group: OptionGroup, sentence: string, most = 65_536, least = 1) =>
  z.int().check(z.minimum(least), z.maximum(most), preset(group, sentence));
/** A share that leaves something of the rest. */
export const share = (group: OptionGroup, sentence: string) =>
  z.number().check(z.minimum(0), z.lt(1), preset(group, sentence));
export const flag = (group: OptionGroup, sentence: string) => z.boolean().check(preset(group, sentence));
export const choice = <const Names extends string[] | readonly string[]>(
  group: OptionGroup,
  names: Names,
  sentence: string,
) => z.enum(names).check(preset(group, sentence));

/** The seed of everything that is drawn. */
export const Seed = z
  .int()
  .check(z.minimum(0), z.maximum(2 ** 32 - 1), describeOption("training", "Seed all random numbers"));

/** Options that every model has. */
export const modelOptions = {
  tieWeights: choice(
    "model",
    weightTyings,
    "Tie the output layer to the target embedding; in a seq2seq, all ties the source embedding too",
  ),
  cell: choice("model", keysOf(cells), "Choose the recurrent cell"),
  layers: size("model", "Stack this many recurrent layers", 16),
  hiddenSize: size("model", "Set the hidden size H, in units per layer"),
  embeddingSize: size("model", "Set the embedding size D, in dimensions per token"),
  dropout: share("model", "Zero this share of the activations between layers during training"),
};

/** Options that every training run has. */
export const trainingOptions = {
  batchSize: size("training", "Set the batch size N, in sequences"),
  epochs: z
    .int()
    .check(z.minimum(0), z.maximum(1_000_000), preset("training", "Train for this many passes over the training set")),
  maxSteps: z.optional(
    z.int().check(z.minimum(0), describeOption("training", "Stop after this many optimizer steps", "no limit")),
  ),
  optimizer: choice("training", keysOf(optimizers), "Choose the optimizer"),
  learningRate: z.number().check(z.gt(0), z.maximum(1000), preset("training", "Set the learning rate")),
  lrSchedule: choice("training", keysOf(schedules), "Choose the learning rate schedule"),
  warmupSteps: z.int().check(z.minimum(0), preset("training", "Raise the learning rate from 0 during this many steps")),
  patience: z.optional(
    z
      .int()
      .check(
        z.minimum(1),
        describeOption(
          "training",
          "Stop after this many epochs without a better validation score",
          "no early stopping",
        ),
      ),
  ),
  gradClip: z.number().check(z.gt(0), preset("training", "Clip the gradient to this L2 norm")),
  init: choice(
    "training",
    keysOf(initializers),
    "Initialize the weights as the book does, by Glorot, or uniformly (wide: embeddings within ±1 instead of ±0.1)",
  ),
};
