import type { Command } from "commander";
import type * as z from "zod/mini";
import type { Backend, Precision } from "../engine/backend/backend.js";
import { OptionError, SeqloomError } from "../engine/errors.js";
import { openBackend } from "../node/backend.js";
import { addOptions, CommonOptions, errorWithFlags, optionNames, parseOptions, withFlags } from "./options.js";
import { Output } from "./output.js";

/** The options, output and backends of a running command. */
export interface Session<Options> {
  readonly options: Options;
  readonly common: CommonOptions;
  readonly output: Output;
  /** Opens the requested backend, optionally in another precision; it is closed when the command ends. */
  open(precision?: Precision): Promise<Backend>;
  /** @throws OptionError if the requested precision supports inference only */
  expectTraining(): void;
}

/**
 * Adds the flags of a schema and the common flags to a command, and runs it with the parsed options. Option names in the
 * library's messages and errors are rendered as flags.
 */
export function define<Options>(
  command: Command,
  schema: z.ZodMiniType<Options>,
  run: (session: Session<Options>, ...args: (string | undefined)[]) => Promise<void> | void,
): void {
  const names = optionNames(schema, CommonOptions);
  addOptions(command, schema, CommonOptions).action(async (...given: unknown[]) => {
    const flags = command.opts();
    const common = parseOptions(CommonOptions, flags);
    const backends: Backend[] = [];
    const session: Session<Options> = {
      options: parseOptions(schema, flags),
      common,
      output: new Output(common, (text) => withFlags(text, names)),
      async open(precision = common.precision) {
        const backend = await openBackend(common.backend, { ...common, precision });
        backends.push(backend);
        return backend;
      },
      expectTraining() {
        if (common.precision === "int8")
          throw new OptionError(
            "--precision: expected float32 or bf16 for training, got int8.",
            "int8 is for inference only",
          );
      },
    };
    const args = given.slice(0, command.registeredArguments.length).flat();
    try {
      await run(session, ...args.map((arg) => (typeof arg === "string" ? arg : undefined)));
    } catch (error) {
      throw error instanceof SeqloomError ? errorWithFlags(error, names) : error;
    } finally {
      for (const backend of backends) backend.close();
    }
  });
}

/** An interruption by Ctrl-C, after the checkpoint was saved: exit status 130. */
export class InterruptedError extends SeqloomError {
  override readonly name = "InterruptedError";
}

/** Runs work that ends gracefully when Ctrl-C or SIGTERM aborts the signal; a second one ends it at once. */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const signals = ["SIGINT", "SIGTERM"] as const;
  const interrupt = (): void => {
    for (const name of signals) process.off(name, interrupt);
    controller.abort();
  };
  for (const name of signals) process.on(name, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of signals) process.off(name, interrupt);
  }
}
