import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import { expectShape, OptionError } from "../engine/errors.js";
import type { Ints, Tensor } from "../engine/tensor.js";
import { Beam, type Hypothesis } from "./beam.js";
import { type SearchOptions, type SearchSettings, searchSettings } from "./decode-options.js";

/** A model that produces one token after another, as `search` uses it. Row n·B + b is beam b of source n. */
export interface StepModel {
  /** Number of tokens that a step chooses from, including the end: V. */
  readonly vocabSize: number;
  /**
   * Starts from the N sources of a batch that was encoded before, with B rows for each. `lengths` (N) are the lengths of
   * the sources without padding, for attention; undefined means that all S positions are of the source.
   */
  begin(B: number): { readonly N: number; readonly lengths?: Ints | undefined };
  /** Logits (R, V) after one more token in each of the R = N·B rows, `ids` (R, 1). The search overwrites them. */
  step(ids: Ints): Tensor;
  /** Makes row r continue from the state of row parents[r]. */
  reorder(parents: Ints): void;
  /** Attention weights (R, S) of the last step; undefined without attention. */
  readonly attention: Tensor | undefined;
}

/**
 * The nBest answers of a model to each source of a batch, the best first: by greedy search, beam search or sampling.
 *
 * A beam search keeps, at each step, the B = `beam` most probable prefixes of a source. An answer ends if its end is
 * among the B most probable continuations. A source is done when B answers have ended, or when no prefix can reach the
 * nBest. A beam of 1 is greedy search. The answers to a source do not depend on the rest of the batch.
 *
 * @throws OptionError for options that are out of range, contradict each other, or need attention that the model lacks
 */
export function search(model: StepModel, backend: Backend, options: SearchOptions): Hypothesis[][] {
  const settings = searchSettings(model.vocabSize, options);
  const { N, lengths } = model.begin(settings.beam);
  const workspace = new Workspace(backend.arena);
  const beams = Array.from({ length: N }, (_, n) => new Beam(settings, n, lengths?.data[n]));
  try {
    runSteps(model, backend, workspace, settings, beams);
  } finally {
    workspace.free();
  }
  return beams.map(({ best }) => best);
}

/** Steps until every source is done. */
function runSteps(
  model: StepModel,
  { kernels }: Backend,
  workspace: Workspace,
  { start, beam: B, sampler, coveragePenalty }: SearchSettings,
  beams: readonly Beam[],
): void {
  const [R, V] = [beams.length * B, model.vocabSize];
  const [ids, parents, targets] = [
    workspace.ints("ids", [R, 1]),
    workspace.ints("parents", [R]),
    workspace.ints("targets", [R]),
  ];
  const [losses, lse] = [workspace.tensor("losses", [R]), workspace.tensor("lse", [R])];
  const ys = sampler && workspace.tensor("probabilities", [R, V]);
  ids.data.fill(start);
  targets.data.fill(0); // the kernel needs targets, but only lse is used
  while (beams.some(({ live }) => live.length > 0)) {
    const logits = model.step(ids);
    const { attention } = model;
    expectShape("search: logits", logits.shape, [R, V]);
    if (coveragePenalty > 0 && !attention)
      throw new OptionError(
        "search: coveragePenalty: expected a model with attention, got one without.",
        "leave it out, or train a model with attention",
      );
    kernels.crossEntropyForward({ losses, lse }, { logits, targets }, { smoothing: 0, R, V });
    for (const beam of beams) beam.applyRules(logits.data, V);
    if (ys) kernels.softmax({ ys }, { xs: logits }, { temperature: sampler.temperature, R, V });
    const step = { V, logits: logits.data, lse: lse.data, probabilities: ys?.data, attention };
    for (const beam of beams) beam.advance(step);
    if (moveRows(beams, B, start, ids.data, parents.data)) model.reorder(parents);
  }
}

/** Writes the next id of each row and the row that it continues. @returns true if any row continues another */
function moveRows(beams: readonly Beam[], B: number, idle: number, ids: Int32Array, parents: Int32Array): boolean {
  for (let r = 0; r < ids.length; r++) {
    const prefix = beams[Math.floor(r / B)]?.live[r % B];
    ids[r] = prefix?.id ?? idle;
    parents[r] = r + (prefix ? prefix.row - (r % B) : 0);
  }
  return parents.some((parent, r) => parent !== r);
}
