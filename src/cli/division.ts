import { basename, resolve } from "node:path";
import * as z from "zod/mini";
import { keysOf } from "../engine/check-options.js";
import type { TrainingRecord } from "../files/model-file.js";
import { isExercise } from "../tasks/pairs/datasets.js";
import { TaskOptions } from "../tasks/task.js";
import { flagOf } from "./options.js";
import type { Output } from "./output.js";

/** The options that, together with the seed, decide which pairs are held out. A model file stores them. */
export const Division = z.pick(TaskOptions, {
  ...{ digits: true, count: true, split: true },
  ...{ nesting: true, curriculum: true },
  ...{ valid: true, test: true, groupBy: true },
});
export type Division = z.infer<typeof Division>;

/**
 * Completes a task's options from the model's training record if the data are the same: otherwise the model would be tested
 * on training pairs. Reports the options that were taken over, and warns if the split differs.
 */
export function divideAsTrained(
  name: string | undefined,
  { seed, ...options }: TaskOptions & { readonly seed?: number | undefined },
  training: TrainingRecord | undefined,
  output: Output,
): TaskOptions {
  const data = basename(resolve(name ?? options.sourceFile ?? "")); // a file's data name has no extension, a folder's name is kept whole
  const { data: trained } = z.safeParse(Division, training?.options);
  if (!training || !trained || ![data, data.replace(/\.[^.]*$/, "")].includes(training.data)) return options;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const divided = z.parse(TaskOptions, { ...trained, ...Object.fromEntries(given) });

  const names = keysOf(Division.shape);
  const taken = names.filter((each) => divided[each] !== options[each]);
  // A hash assigns each exercise to a set, whatever its difficulty: only another seed changes the split.
  const isHashed = isExercise(name, divided) && isExercise(name, trained);
  const other = isHashed ? [] : names.filter((each) => divided[each] !== trained[each]);
  const flags = [
    ...other.map((each) => (trained[each] === undefined ? `no ${flagOf(each)}` : `${flagOf(each)} ${trained[each]}`)),
    ...(seed === undefined || seed === training.seed ? [] : [`--seed ${training.seed}`]),
  ];
  if (taken.length > 0)
    output.message(`split as in training: ${taken.map((each) => `${flagOf(each)} ${trained[each]}`).join(" ")}`);
  if (flags.length > 0)
    output.message(
      `split differently from training, which used ${flags.join(" and ")}: any set may contain training pairs`,
    );
  return divided;
}
