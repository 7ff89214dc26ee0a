import type { Command } from "commander";
import { OptionError } from "../../engine/errors.js";
import { LanguageModel } from "../../models/language-model.js";
import { nodePorts } from "../../node/data-files.js";
import { evaluateText } from "../../run/perplexity.js";
import { expectLanguageModel } from "../../tasks/model-kinds.js";
import { generatorNames } from "../../tasks/pairs/datasets.js";
import { loadText } from "../../tasks/texts/texts.js";
import { grouped } from "../output.js";
import { define, type Session } from "../session.js";
import { EvalOptions, evalPairs } from "./eval-pairs.js";
import { changeOf, type Loaded, loadInPrecisions, type Models, wordsOf } from "./eval-precisions.js";

/** `seqloom eval <model> [data]` */
export function evalCommand(program: Command): void {
  const command = program
    .command("eval")
    .argument("<model>", "a model file")
    .argument(
      "[data]",
      `${generatorNames.join(", ")}, or a file of pairs; shapes or a folder of captioned pictures; ptb or a text file`,
    )
    .description("Score a model on held-out data");
  define(command, EvalOptions, async (session, path = "", name) => {
    const models = await loadInPrecisions(session, path);
    if (models.asked.saved.model instanceof LanguageModel) await evalText(session, path, models, name ?? "");
    else await evalPairs(session, path, models, name);
  });
}

async function evalText(
  { options, output }: Session<EvalOptions>,
  path: string,
  { asked, exact }: Models,
  name: string,
): Promise<void> {
  const { on } = options;
  if (on === "all") throw new OptionError("--on: expected test, valid or train for a language model, got all.");
  const { tokenizer } = expectLanguageModel(path, asked.saved);
  const data = await loadText(name, { tokenizer }, nodePorts(options));
  for (const protocol of ["book", "exact"] as const) {
    const score = ({ backend, saved }: Loaded) =>
      evaluateText(backend, expectLanguageModel(path, saved).model, data[on], protocol);
    const scores = score(asked);
    if (scores.count === 0) continue;
    const change = changeOf(scores.perplexity, exact && score(exact));
    const words = `perplexity ${scores.perplexity.toFixed(2)}${wordsOf(change, 2)} by the ${protocol} protocol: ${scores.loss.toFixed(4)} nats, ${scores.bitsPerToken.toFixed(3)} bits per token, ${grouped(scores.count)} tokens`;
    output.result({ kind: "evaluation", set: on, ...scores, ...change }, words);
  }
}
