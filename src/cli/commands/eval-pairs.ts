import * as z from "zod/mini";
import { describeOption } from "../../engine/check-options.js";
import { DataError } from "../../engine/errors.js";
import { BleuOptions } from "../../metrics/bleu.js";
import { nodePorts } from "../../node/data-files.js";
import { nodePicturePorts } from "../../node/packages.js";
import { type AnsweredPair, answerPairs } from "../../run/answer-pairs.js";
import {
  measuresFor,
  type PairMeasure,
  type PairMeasureName,
  pairMeasures,
  samplesOf,
  scoreGrid,
  scorePairs,
} from "../../run/evaluate.js";
import { CaptionPairs } from "../../tasks/captions/caption-codec.js";
import { CaptionTaskOptions, openCaptionTask } from "../../tasks/captions/caption-task.js";
import { expectAnswering } from "../../tasks/model-kinds.js";
import { openTask } from "../../tasks/open-task.js";
import { TaskOptions } from "../../tasks/task.js";
import { Seed } from "../../tasks/training-options.js";
import { AnswerFlags, answerOptions, NetworkFlags } from "../answering.js";
import { divideAsTrained } from "../division.js";
import { formatAnswers } from "../draw.js";
import { duration, grouped, HeldNotices } from "../output.js";
import { formatGrid, formatScores, gridsOf, type ScoreColumn, Statistics, shownScores } from "../scores.js";
import type { Session } from "../session.js";
import { changeOf, type Models, wordsOf } from "./eval-precisions.js";

const Answering = z.omit(AnswerFlags, { nBest: true, seed: true });
const Data = z.extend(z.extend(TaskOptions, { captions: CaptionTaskOptions.shape.captions }), NetworkFlags.shape);

/** Options of an evaluation. */
export const EvalOptions = z.extend(z.extend(Data, Answering.shape), {
  seed: z.optional(Seed.check(describeOption("data", "Seed splits and draws", "the model's seed in training"))),
  on: z._default(
    z
      .enum(["test", "valid", "train", "all"])
      .check(describeOption("data", "Score this set of the data; all: a file that is a test set")),
    "test",
  ),
  confidence: z._default(
    z.boolean().check(describeOption("output", "Add 95 % confidence intervals, from 1,000 bootstrap samples")),
    false,
  ),
  bleuTokenize: BleuOptions.shape.tokenize,
});
export type EvalOptions = z.infer<typeof EvalOptions>;

/** Scores a seq2seq model's answers by all measures that apply. */
export async function evalPairs(
  { options, common, output }: Session<EvalOptions>,
  path: string,
  { asked, exact }: Models,
  name: string | undefined,
): Promise<void> {
  const saved = expectAnswering(path, asked.saved);
  const { tokenizer } = saved;
  const seed = options.seed ?? saved.training?.seed ?? 1;
  const settings = answerOptions({ ...options, seed, nBest: 1 }, saved, output);
  const divided = divideAsTrained(name, options, saved.training, output);
  const { cnn, captions, skipInvalid } = options;
  const notices = new HeldNotices(output);
  const { onNotice } = notices;
  const choice = { cnn, model: path, threads: common.threads };
  const task =
    tokenizer instanceof CaptionPairs
      ? openCaptionTask(
          name ?? "",
          { ...divided, ...choice, captions, skipInvalid, seed },
          { ...nodePicturePorts(options), onNotice },
        )
      : await openTask(
          name,
          { ...divided, seed, asText: tokenizer.target.end !== undefined },
          nodePorts({ ...options, onNotice }),
        );
  const set = await task.encode(tokenizer, options.on);
  const answer = ({ backend, saved: each }: Models["asked"]) => {
    const { model } = expectAnswering(path, each);
    return answerPairs(backend, model, tokenizer, set, settings);
  };
  const started = performance.now();
  const pairs = await answer(asked);
  const seconds = (performance.now() - started) / 1000;
  if (pairs.length === 0)
    throw new DataError(`--on: expected pairs in the ${options.on} set, got none.`, "set --valid to a file or a share");
  notices.show();

  const names = measuresFor(tokenizer, set);
  const measures = pairMeasures({ tokenize: options.bleuTokenize });
  const statistics = new Statistics(pairs, names, measures);
  const draws = options.confidence ? seed : undefined;
  const all = statistics.score(() => true, draws);
  const known = new Set(options.on === "test" ? task.overlap() : []);
  const rest =
    known.size > 0 && known.size < pairs.length ? statistics.score(({ row }) => !known.has(row), draws) : undefined;
  const change = changeOf(all.scores.perplexity, exact && scorePairs(await answer(exact), ["perplexity"]));
  const signatures = signaturesOf(pairs, names, measures);
  const samples = samplesOf(pairs);
  const grid = set.grid && scoreGrid(pairs, set.grid);

  const columns: [string, ScoreColumn][] = [[`all ${grouped(all.count)}`, all]];
  if (rest) columns.push([`${grouped(rest.count)} not in training`, rest]);
  const words = [
    `${options.on}: ${grouped(all.count)} questions, answered in ${duration(seconds)}`,
    formatScores(columns, tokenizer) + wordsOf(change, 4),
    ...shownScores(tokenizer).flatMap(({ name: each, label }) =>
      signatures[each] ? `${label}  ${signatures[each]}` : [],
    ),
    ...(grid ? gridsOf(grid, tokenizer).map(formatGrid) : []),
    formatAnswers(samples),
  ];
  const figures = ({ scores, ...others }: ScoreColumn) => ({ ...others, ...scores });
  const report = {
    ...{ kind: "evaluation", set: options.on, ...figures(all), ...change },
    ...(Object.keys(signatures).length > 0 && { signatures }),
    ...(rest && { overlap: { count: all.count - rest.count, without: figures(rest) } }),
    ...(grid && { grid }),
    samples,
  };
  output.result(report, words.join("\n"));
}

/** The signatures of the measures that have one. */
function signaturesOf(
  pairs: readonly AnsweredPair[],
  names: readonly PairMeasureName[],
  measures: Readonly<Record<PairMeasureName, PairMeasure>>,
): Partial<Record<PairMeasureName, string>> {
  const all = names.map((name) => [name, measures[name].signature?.(pairs)] as const);
  return Object.fromEntries(all.filter(([, signature]) => signature !== undefined));
}
