import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import { expectShape, OptionError } from "../engine/errors.js";
import { type SearchOptions, type SearchSettings, searchSettings } from "./search-options.js";
import { type Hypothesis, SourceSearch } from "./source-search.js";
import type { StepModel } from "./step-model.js";

/**
 * The nBest answers of a model to each source of a batch, the best first: greedy, by beam search, or drawn.
 *
 * A beam search keeps, at each step, the B = `beam` most probable prefixes of a source. An ending is taken up where it is
 * among the B most probable continuations. A source is done when B answers have ended, or when no prefix can still come
 * among the nBest. A beam of 1 is the greedy search. What a source is given does not depend on the batch around it.
 *
 * @throws OptionError for options that are out of range, that contradict each other, or that the model cannot serve
 */
export function search(model: StepModel, backend: Backend, options: SearchOptions): Hypothesis[][] {
  const settings = searchSettings(model.vocabSize, options);
  const { N, lengths } = model.begin(settings.beam);
  const workspace = new Workspace(backend.arena);
  const sources = Array.from({ length: N }, (_, n) => new SourceSearch(settings, n, lengths?.data[n]));
  try {
    run(model, backend, workspace, settings, sources);
  } finally {
    workspace.free();
  }
  return sources.map((source) => source.best);
}

/** Steps until every source is done. */
function run(
  model: StepModel,
  { kernels }: Backend,
  workspace: Workspace,
  { start, beam: B, sampler, coveragePenalty }: SearchSettings,
  sources: readonly SourceSearch[],
): void {
  const [R, V] = [sources.length * B, model.vocabSize];
  const [ids, parents, targets] = [
    workspace.ints("ids", [R, 1]),
    workspace.ints("parents", [R]),
    workspace.ints("targets", [R]),
  ];
  const [losses, lse] = [workspace.tensor("losses", [R]), workspace.tensor("lse", [R])];
  const ys = sampler && workspace.tensor("probabilities", [R, V]);
  ids.data.fill(start);
  targets.data.fill(0); // the kernel asks for some; of use is lse alone
  while (sources.some(({ live }) => live.length > 0)) {
    const logits = model.step(ids);
    const { attention } = model;
    expectShape("search: logits", logits.shape, [R, V]);
    if (coveragePenalty > 0 && !attention)
      throw new OptionError(
        "search: coveragePenalty: expected a model with attention, got one without.",
        "leave it out, or train a model with attention",
      );
    kernels.crossEntropyForward({ losses, lse }, { logits, targets }, { smoothing: 0, R, V });
    for (const source of sources) source.applyRules(logits.data, V);
    if (ys) kernels.softmax({ ys }, { xs: logits }, { temperature: sampler.temperature, R, V });
    const step = { V, logits: logits.data, lse: lse.data, probabilities: ys?.data, attention };
    for (const source of sources) source.advance(step);
    if (moveRows(sources, B, start, ids.data, parents.data)) model.reorder(parents);
  }
}

/** Writes each row's next id and the row that it goes on from. @returns whether any goes on from another */
function moveRows(
  sources: readonly SourceSearch[],
  B: number,
  idle: number,
  ids: Int32Array,
  parents: Int32Array,
): boolean {
  for (let r = 0; r < ids.length; r++) {
    const prefix = sources[Math.floor(r / B)]?.live[r % B];
    ids[r] = prefix?.id ?? idle;
    parents[r] = r + (prefix ? prefix.row - (r % B) : 0);
  }
  return parents.some((parent, r) => parent !== r);
}
