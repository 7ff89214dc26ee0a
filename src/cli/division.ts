import { basename, resolve } from "node:path";
import * as z from "zod/mini";
import { keysOf } from "../engine/check-options.js";
import type { TrainingRecord } from "../files/model-file.js";
import { isExercise } from "../tasks/pairs/datasets.js";
import { TaskOptions } from "../tasks/task.js";
import { flagOf } from "./options.js";
import type { Output } from "./output.js";

/** The options that decide, beside the seed, which pairs are held out. A model file keeps them. */
export const Division = z.pick(TaskOptions, {
  ...{ digits: true, count: true, split: true },
  ...{ nesting: true, curriculum: true },
  ...{ valid: true, test: true, groupBy: true },
});
export type Division = z.infer<typeof Division>;

/**
 * A task's options, completed by those that a model was trained with if the data are the same: otherwise the model would be
 * tested on pairs that it was trained on. Says which options it took over, and warns where the data are divided differently.
 */
export function divideAsTrained(
  name: string | undefined,
  { seed, ...options }: TaskOptions & { readonly seed?: number | undefined },
  training: TrainingRecord | undefined,
  output: Output,
): TaskOptions {
  const data = basename(resolve(name ?? options.sourceFile ?? "")); // a file is called without its ending, a folder is not
  const { data: trained } = z.safeParse(Division, training?.options);
  if (!training || !trained || ![data, data.replace(/\.[^.]*$/, "")].includes(training.data)) return options;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const divided = z.parse(TaskOptions, { ...trained, ...Object.fromEntries(given) });

  const names = keysOf(Division.shape);
  const taken = names.filter((each) => divided[each] !== options[each]);
  // A hash decides where an exercise belongs, however hard they are: only another seed divides them otherwise.
  const isHashed = isExercise(name, divided) && isExercise(name, trained);
  const other = isHashed ? [] : names.filter((each) => divided[each] !== trained[each]);
  const flags = [
    ...other.map((each) => (trained[each] === undefined ? `no ${flagOf(each)}` : `${flagOf(each)} ${trained[each]}`)),
    ...(seed === undefined || seed === training.seed ? [] : [`--seed ${training.seed}`]),
  ];
  if (taken.length > 0)
    output.message(`divided as in training: ${taken.map((each) => `${flagOf(each)} ${trained[each]}`).join(" ")}`);
  if (flags.length > 0)
    output.message(
      `not divided as in training, with ${flags.join(" and ")}: each part may have pairs that the model was trained on`,
    );
  return divided;
}
