import type { Command } from "commander";
import * as z from "zod/mini";
import { type CaseName, cases } from "../../bench/cases.js";
import { drawSizes } from "../../bench/draw-sizes.js";
import { describeEngine, type Engine, enginesFor, whyMissing, withEngine } from "../../bench/engine.js";
import { measure } from "../../bench/measure.js";
import { measurePeak } from "../../bench/peak.js";
import { describeOption, keysOf } from "../../engine/check-options.js";
import { nearest, OptionError, SeqloomError } from "../../engine/errors.js";
import { Random } from "../../engine/random.js";
import { Seed } from "../../tasks/training-options.js";
import { caseRow, headRow, randomRow } from "../bench-rows.js";
import type { CommonOptions } from "../options.js";
import type { Output } from "../output.js";
import { define } from "../session.js";

const names = keysOf(cases);

const Options = z.object({
  case: z.optional(z.string().check(describeOption("data", `Measure one case: ${names.join(", ")}`, "all"))),
  steps: z._default(
    z
      .int()
      .check(
        z.minimum(1),
        z.maximum(100_000),
        describeOption("output", "Time this many runs per figure, of which the median counts"),
      ),
    60,
  ),
  seconds: z._default(
    z.number().check(z.gt(0), z.maximum(3600), describeOption("output", "Limit the time per figure, in seconds")),
    2,
  ),
  seed: z.optional(Seed.check(describeOption("data", "Seed the random shapes", "a new seed each time"))),
});

/** `seqloom bench` */
export function benchCommand(program: Command): void {
  const command = program
    .command("bench")
    .description("Measure the speed of training, generation and scoring on this machine");
  define(command, Options, async ({ options, common, output }) => {
    const chosen = options.case === undefined ? names : [expectCase(options.case)];
    if (common.precision === "int8" && chosen.every((name) => cases[name].kind !== "generate"))
      throw new OptionError(`--precision: expected float32 or bf16 for ${chosen.join(", ")}, got int8.`);
    const seed = options.seed ?? Date.now() % 2 ** 32;
    output.message(`random shapes: --seed ${seed}`);
    for (const engine of await present(common, output)) {
      const peak = await withEngine(engine, (backend) => measurePeak(backend, options.seconds / 4));
      let head = `${headRow(describeEngine(engine), peak)}\n`;
      for (const name of chosen) {
        const usual = cases[name];
        if (engine.precision === "int8" && usual.kind !== "generate") continue;
        const other = usual.at(drawSizes(usual.shape, new Random(seed, names.indexOf(name))));
        const measured = await measure(engine, usual, options, { name, random: false, peak });
        output.result(measured, `${head}${caseRow(usual, measured)}`);
        head = "";
        const drawn = await measure(engine, other, options, { name, random: true, peak });
        output.result(drawn, randomRow(drawn, measured));
      }
    }
  });
}

function expectCase(name: string): CaseName {
  const known = names.find((candidate) => candidate === name);
  if (known) return known;
  const near = nearest(name, names);
  throw new OptionError(`--case: expected one of ${names.join(", ")}, got "${name}".`, near && `did you mean ${near}?`);
}

/** The requested engines that this machine supports. @throws SeqloomError if there are none */
async function present(common: CommonOptions, output: Output): Promise<Engine[]> {
  const engines: Engine[] = [];
  let reason = "";
  for (const engine of enginesFor(common)) {
    const missing = await whyMissing(engine);
    if (missing === undefined) engines.push(engine);
    else {
      reason = `${describeEngine(engine)}: ${missing}`;
      if (common.precision) output.message(`left out: ${reason}`);
    }
  }
  if (engines.length === 0)
    throw new SeqloomError(`bench: expected an engine that this machine supports, got none: ${reason}`);
  return engines;
}
