import type * as z from "zod/mini";
import { DataError } from "../engine/errors.js";
import { writeWhole } from "../node/files.js";
import type { RunEvent, TrainTargets } from "../run/run.js";
import type { RunFiles } from "../run/storage.js";
import { type Describe, RunView } from "./draw.js";
import { formatCommand } from "./options.js";
import type { RunPlaces } from "./places.js";
import { InterruptedError, type Session, untilInterrupted } from "./session.js";

/** A run of any kind. */
interface AnyRun<Result> {
  train(targets: TrainTargets): AsyncIterable<RunEvent<Result>>;
  resume(files: RunFiles): Promise<boolean>;
}

/** The display of a run's events. */
export interface RunLook<Result> {
  /** The run's name, which begins each line about it. */
  readonly title: string;
  readonly epochs: number;
  readonly describe: Describe<Result>;
  /** Called before the last event. */
  readonly ends?: () => void;
}

/** A training command: the words after `seqloom`, its options, and the report of its run. */
export interface TrainPlan<Result, Options> extends RunLook<Result> {
  readonly words: readonly string[];
  readonly schema: z.ZodMiniType<Options>;
  readonly places: RunPlaces;
  /** Renders the report of the finished run. @param command the command line that repeats it */
  report(command: string): Promise<string>;
}

/** Shows a run's events until it is done. @throws InterruptedError on Ctrl-C, with `interrupted` as its message */
export async function drawRun<Result>(
  run: AnyRun<Result>,
  targets: TrainTargets,
  output: Session<unknown>["output"],
  { title, epochs, describe, ends }: RunLook<Result>,
  interrupted: string,
): Promise<void> {
  const view = new RunView(output, title, epochs, describe);
  await untilInterrupted(async (signal) => {
    for await (const event of run.train({ ...targets, signal })) {
      if (event.kind === "done") ends?.();
      view.show(event);
    }
    view.clear();
    if (signal.aborted) throw new InterruptedError(interrupted);
  });
}

/**
 * Trains a run from its start, or from its checkpoint with --resume, and writes its report.
 * @throws InterruptedError on Ctrl-C, after saving a checkpoint
 */
export async function trainRun<
  Result,
  Options extends { readonly resume: boolean; readonly saveEvery?: number | undefined },
>(
  { options, common, output }: Session<Options>,
  run: AnyRun<Result>,
  { words, schema, places: { files, page }, report, ...look }: TrainPlan<Result, Options>,
): Promise<void> {
  if (options.resume && !(await run.resume(files)))
    throw new DataError(
      `${files.checkpoint}: expected a checkpoint to resume, got no such file.`,
      "leave --resume out to start a new run",
    );
  const command = formatCommand(words, schema, { ...options, force: false, resume: false }, common);
  const interrupted = `saved ${files.checkpoint}; continue with: ${command} --resume`;
  await drawRun(run, { files, saveEvery: options.saveEvery }, output, look, interrupted);
  writeWhole(page, await report(command));
}
