import type { Command } from "commander";
import type * as z from "zod/mini";
import type { Backend, Precision } from "../engine/backend/backend.js";
import { OptionError } from "../engine/errors.js";
import { openBackend } from "../node/backend.js";
import { addOptions, CommonOptions, parseOptions } from "./options.js";
import { Output } from "./output.js";

/** What a command works with. */
export interface Session<Options> {
  readonly options: Options;
  readonly common: CommonOptions;
  readonly output: Output;
  /** Opens the backend asked for, or the same in another precision; it is closed when the command ends. */
  open(precision?: Precision): Promise<Backend>;
  /** @throws OptionError where the precision asked for is for answers only */
  expectTraining(): void;
}

/** Gives a command the flags of a schema and those that all commands have, and runs it with what they say. */
export function define<Options>(
  command: Command,
  schema: z.ZodMiniType<Options>,
  run: (session: Session<Options>, ...args: (string | undefined)[]) => Promise<void> | void,
): void {
  addOptions(command, schema, CommonOptions).action(async (...given: unknown[]) => {
    const flags = command.opts();
    const common = parseOptions(CommonOptions, flags);
    const backends: Backend[] = [];
    const session: Session<Options> = {
      options: parseOptions(schema, flags),
      common,
      output: new Output(common),
      async open(precision = common.precision) {
        const backend = await openBackend(common.backend, { ...common, precision });
        backends.push(backend);
        return backend;
      },
      expectTraining() {
        if (common.precision === "int8")
          throw new OptionError(
            "--precision: expected float32 or bf16 to train with, got int8.",
            "int8 is for a finished model",
          );
      },
    };
    const args = given.slice(0, command.registeredArguments.length).flat();
    try {
      await run(session, ...args.map((arg) => (typeof arg === "string" ? arg : undefined)));
    } finally {
      for (const backend of backends) backend.close();
    }
  });
}
