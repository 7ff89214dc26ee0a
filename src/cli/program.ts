import { Command, CommanderError, Option } from "commander";
import { OptionError, SeqloomError } from "../engine/errors.js";
import { benchCommand } from "./commands/bench.js";
import { chatCommand } from "./commands/chat.js";
import { compareCommand } from "./commands/compare.js";
import { dataCommand } from "./commands/data.js";
import { evalCommand } from "./commands/eval.js";
import { exportCommand } from "./commands/export.js";
import { generateCommand } from "./commands/generate.js";
import { importCommand } from "./commands/import.js";
import { inspectCommand } from "./commands/inspect.js";
import { predictCommand } from "./commands/predict.js";
import { studioCommand } from "./commands/studio.js";
import { trainCommand } from "./commands/train.js";
import { groupHeadings, renamed } from "./help.js";
import { Output } from "./output.js";
import { InterruptedError } from "./session.js";
import { version } from "./version.js";

/** Commands by what people do with them. */
const commands = {
  "Train:": [trainCommand, compareCommand],
  "Use:": [predictCommand, generateCommand, chatCommand],
  "Measure:": [evalCommand],
  "Files:": [dataCommand, inspectCommand, importCommand, exportCommand],
  "Machine:": [benchCommand, studioCommand],
};

/** Runs a command line. @returns the exit status: 0, 1 (it failed), 2 (wrong usage), 130 (interrupted) */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const program = new Command("seqloom")
    .description("Small recurrent sequence models: train, measure, generate, ship.")
    .addHelpCommand(
      new Command("help").argument("[command]").description("Show the help of a command").helpGroup("Help:"),
    )
    .version(version, "-V, --version", "Show the version");
  for (const [heading, group] of Object.entries(commands)) {
    program.commandsGroup(heading);
    for (const add of group) add(program);
  }
  tame(program);
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help, --version
    if (argv.includes("--debug") && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    new Output({ json: argv.includes("--json"), quiet: false }).error(explain(error, argv, program));
    if (error instanceof InterruptedError) return 130;
    return error instanceof OptionError || error instanceof CommanderError ? 2 : 1;
  }
}

/** Keeps Commander from printing errors and exiting the process: `runProgram` does both. */
function tame(command: Command): void {
  command
    .exitOverride()
    .configureOutput({ writeErr() {} })
    .showHelpAfterError(false)
    .allowExcessArguments(false)
    .addHelpOption(
      new Option("-h, --help", "Show this help").helpGroup(command.parent ? groupHeadings.machine : "Options:"),
    );
  for (const child of command.commands) tame(child);
}

/** The error of a command line, with a hint. */
function explain(error: unknown, argv: readonly string[], program: Command): SeqloomError {
  if (error instanceof SeqloomError) return error;
  if (error instanceof CommanderError) {
    const all = "seqloom --help lists the commands and options";
    if (error.code === "commander.help")
      return new OptionError(`expected a complete command, got "seqloom ${argv.join(" ")}".`, all);
    const [, message = error.message, alike] =
      /^(?:error: )?(.*?)\.?\s*(?:\(Did you mean (.*?)\?\))?$/s.exec(error.message) ?? [];
    const [, unknown = ""] = /^unknown option '(.*)'$/s.exec(message) ?? [];
    const near = renamed(program, argv, unknown) ?? alike;
    return new OptionError(`${message}.`, near ? `did you mean ${near}?` : all);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new SeqloomError(
    `Unexpected: ${message}`,
    "this is a bug in seqloom: run again with --debug and report the output",
  );
}
