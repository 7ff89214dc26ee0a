import type { Command } from "commander";
import * as z from "zod/mini";
import type { Backend } from "../../backend/backend.js";
import { expectLanguageModel, expectSeq2Seq, type SavedModel } from "../../files/model-file.js";
import { LanguageModel } from "../../models/language-model.js";
import { loadModel } from "../../node/files.js";
import { openTask, TaskOptions } from "../../node/tasks.js";
import { loadText } from "../../node/texts.js";
import { evaluatePairs } from "../../train/evaluate.js";
import { Seed } from "../../train/pair-options.js";
import { evaluateText } from "../../train/perplexity.js";
import { formatAnswers } from "../draw.js";
import { duration, grouped, percent } from "../output.js";
import { define, type Session } from "../session.js";

const Options = z.extend(TaskOptions, {
  seed: z._default(Seed, 1),
  part: z._default(z.enum(["test", "valid", "train"]).check(z.describe("which part of the data")), "test"),
});

type EvalSession = Session<z.infer<typeof Options>>;

/** `seqloom eval <model> <data>` */
export function evalCommand(program: Command): void {
  const command = program
    .command("eval")
    .argument("<model>", "a model file")
    .argument("[data]", "addition, dates, or a file of pairs; for a language model ptb or a text file")
    .description("score a model on the held-out part of a task");
  define(command, Options, async (session, path = "", name = "") => {
    const models = await loadInPrecisions(session, path);
    if (models.asked.saved.model instanceof LanguageModel) await evalText(session, path, models, name ?? "");
    else evalPairs(session, path, models, name);
  });
}

/** A model on a backend. */
interface Loaded {
  readonly backend: Backend;
  readonly saved: SavedModel;
}

interface Models {
  readonly asked: Loaded;
  readonly exact?: Loaded;
}

/** The model in the precision asked for, and where that is not float32, in float32 too, to be compared. */
async function loadInPrecisions(session: EvalSession, path: string): Promise<Models> {
  const load = (backend: Backend): Loaded => ({ backend, saved: loadModel(path, backend) });
  const asked = load(await session.open());
  return asked.backend.precision === "float32" ? { asked } : { asked, exact: load(await session.open("float32")) };
}

/** What a precision costs: the change in perplexity against float32, as a share; nothing where there is no other. */
function changeOf(perplexity: number, exact: { perplexity: number } | undefined) {
  return exact && { float32Perplexity: exact.perplexity, perplexityChange: perplexity / exact.perplexity - 1 };
}

function wordsOf(change: ReturnType<typeof changeOf>, digits: number): string {
  if (!change) return "";
  const share = 100 * change.perplexityChange;
  return ` (${share < 0 ? "" : "+"}${share.toFixed(3)} % against ${change.float32Perplexity.toFixed(digits)} in float32)`;
}

function evalPairs({ options, output }: EvalSession, path: string, { asked, exact }: Models, name?: string): void {
  const isText = expectSeq2Seq(path, asked.saved).tokenizer.end !== undefined;
  const task = openTask(name, options, options.seed, isText);
  const score = ({ backend, saved }: Loaded) => {
    const { model, tokenizer } = expectSeq2Seq(path, saved);
    return evaluatePairs(backend, model, tokenizer, task.encode(tokenizer, options.part));
  };
  const started = performance.now();
  const scores = score(asked);
  const seconds = (performance.now() - started) / 1000;
  const change = changeOf(scores.perplexity, exact && score(exact));
  const words = `${percent(scores.exactMatch)} of ${grouped(scores.count)} right, ${percent(scores.tokenAccuracy)} of their tokens, perplexity ${scores.perplexity.toFixed(4)}${wordsOf(change, 4)} (${duration(seconds)})`;
  output.result(
    { kind: "evaluation", split: options.part, ...scores, ...change },
    `${words}\n${formatAnswers(scores.samples)}`,
  );
}

async function evalText(session: EvalSession, path: string, { asked, exact }: Models, name: string): Promise<void> {
  const { options, output } = session;
  const { tokenizer } = expectLanguageModel(path, asked.saved);
  const data = await loadText(name, { tokenizer, dataDir: options.dataDir });
  for (const protocol of ["book", "exact"] as const) {
    const score = ({ backend, saved }: Loaded) =>
      evaluateText(backend, expectLanguageModel(path, saved).model, data[options.part], protocol);
    const scores = score(asked);
    if (scores.count === 0) continue;
    const change = changeOf(scores.perplexity, exact && score(exact));
    const words = `perplexity ${scores.perplexity.toFixed(2)}${wordsOf(change, 2)} by the ${protocol} protocol: ${scores.loss.toFixed(4)} nats, ${scores.bitsPerToken.toFixed(3)} bits per token, ${grouped(scores.count)} tokens`;
    output.result({ kind: "evaluation", split: options.part, ...scores, ...change }, words);
  }
}
