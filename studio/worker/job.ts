import type { EvaluationReport, SavedModel, TrainOptions, TrainReport } from "seqloom";
import type { Evaluation, Sample } from "../messages.js";

export type Scores = Omit<Evaluation, "epoch" | "step">;
export type Scored = EvaluationReport<Scores>;

/** What a model says at the moment. */
export interface Shown {
  readonly samples: readonly Sample[];
  readonly text: string;
}

/** A model and its data, ready to be trained: the same for all kinds. */
export interface Job {
  /** How often the page may ask for what is shown, in milliseconds: a language model writes it token by token. */
  readonly showEvery: number;
  /** Whether the model that is kept is the one with the best evaluation, or the last. */
  readonly keepsBest: boolean;
  /** With how the training has gone so far. */
  saved(progress: { steps: number; scores: Record<string, number> }): SavedModel;
  train(
    options: Pick<TrainOptions<Scores>, "signal" | "reportEvery" | "evaluate">,
  ): AsyncGenerator<TrainReport<Scores>>;
  score(): Scores;
  show(): Shown;
}
