import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { Command } from "commander";
import * as z from "zod/mini";
import { forcedScores } from "../../decode/forced-scores.js";
import type { Prediction } from "../../decode/predict.js";
import { describeOption } from "../../engine/check-options.js";
import { DataError, OptionError } from "../../engine/errors.js";
import { SequenceWriter } from "../../models/sources.js";
import { writeWhole } from "../../node/files.js";
import { loadModel } from "../../node/model-files.js";
import { nodePicturePorts } from "../../node/packages.js";
import { CaptionPairs } from "../../tasks/captions/caption-codec.js";
import { pictureFile, pictureUri } from "../../tasks/captions/load-pictures.js";
import type { PicturePorts } from "../../tasks/captions/picture-reading.js";
import { openInputReader } from "../../tasks/input-reader.js";
import { expectAnswering, type SavedAnswering } from "../../tasks/model-kinds.js";
import { isTextCodec } from "../../tasks/pairs/text-codec.js";
import { FramePairs } from "../../tasks/sounds/frame-codec.js";
import { Answerer, AnswerFlags, answerOptions, expectAttention, NetworkFlags, naming, oneLine } from "../answering.js";
import { type MappedPrediction, renderAttention } from "../attention-page.js";
import { renderLooks, type SeenPicture } from "../looks-page.js";
import { flagOf, quoteArgument } from "../options.js";
import type { Output } from "../output.js";
import { expectPlaces } from "../places.js";
import { define } from "../session.js";
import { inputBatches } from "../standard-input.js";

/** Maximum number of texts on the attention page. */
const MAPS = 200;

const Options = z.extend(z.extend(AnswerFlags, NetworkFlags.shape), {
  scoreTarget: z.optional(z.string().check(describeOption("output", "Print the score of this answer to the text"))),
  attentionHtml: z.optional(
    z
      .string()
      .check(
        z.minLength(1),
        describeOption("output", `Write a page of the attention weights to this file (first ${MAPS} texts)`),
      ),
  ),
  force: z._default(z.boolean().check(describeOption("output", "Replace an existing page")), false),
});

/** `seqloom predict <model> [text…]` */
export function predictCommand(program: Command): void {
  const command = program
    .command("predict")
    .argument("<model>", "a model file")
    .argument("[text...]", "texts or files to answer (default: the lines of standard input)")
    .description("Predict the targets of texts, sounds, frames or pictures")
    .addHelpText(
      "after",
      `
Texts of several lines, like programs, are separated by a blank line on standard input.

Each answer is one line; a line break inside an answer is written as a blank. With --n-best each text has several lines:
rank (1 is the best), a tab, the score, a tab, the answer. A score is the natural logarithm of a probability.`,
    );
  define(command, Options, async ({ options, common, output, open }, path = "", ...args) => {
    const { scoreTarget, attentionHtml: page, force, cnn, cache, ...flags } = options;
    if (scoreTarget !== undefined) expectAlone("--score-target", { attentionHtml: page, ...flags });
    const given = args.flatMap((arg) => arg ?? []);
    if (page) expectPlaces([page], { names: [path, flags.words] }, force, "choose another name");
    const backend = await open();
    const saved = expectAnswering(path, loadModel(path, backend));
    if (page) expectAttention("--attention-html", saved.model.config);
    const ports = nodePicturePorts({ cache });
    const choice = { cnn, model: path, threads: common.threads };
    if (scoreTarget !== undefined) {
      const [source, ...more] = given;
      if (source === undefined || more.length > 0)
        throw new OptionError(`--score-target: expected exactly one text as its source, got ${given.length}.`);
      const answers = new SequenceWriter();
      answers.add(naming("--score-target", () => encodeAnswer(saved, scoreTarget)));
      const set = {
        count: 1,
        sources: await openInputReader(saved, ports, choice)([source]),
        targets: answers.finish(),
      };
      const [score = Number.NaN] = forcedScores(backend, saved.model, set);
      output.result({ kind: "prediction", input: source, output: scoreTarget, score }, String(score));
      return;
    }
    const settings = { ...answerOptions(flags, saved, output), keepAttention: page !== undefined };
    const answerer = new Answerer(backend, saved, settings, output, ports, choice);
    const maps: MappedPrediction[] = [];
    const command = isTextCodec(saved.tokenizer) ? `seqloom predict ${quoteArgument(path)}` : undefined;
    for await (const predictions of answers(answerer, given, command)) {
      for (const prediction of predictions) {
        show(output, prediction);
        const { attention } = prediction;
        if (attention && maps.length < MAPS) maps.push({ ...prediction, attention });
      }
      await output.written();
    }
    if (!page) return;
    const title = `${basename(path)}: attention`;
    const seen = saved.tokenizer instanceof CaptionPairs ? await showPictures(maps, ports) : undefined;
    writeWhole(page, seen ? renderLooks(title, seen) : renderAttention(title, maps, sourceUnitOf(saved)));
    output.result({ kind: "saved", path: page, why: "attention" }, undefined);
    output.message(`attention  ${page}`);
  });
}

/** Encodes a target. @throws DataError for tokens outside the vocabulary: `<unk>` cannot replace part of an answer */
function encodeAnswer({ tokenizer }: SavedAnswering, text: string): number[] {
  tokenizer.target.tokenizer.encodeKnown(text);
  return tokenizer.target.encode(text);
}

/** The kind of source of a model that reads no pictures. */
function sourceUnitOf({ tokenizer }: SavedAnswering): string {
  if (!(tokenizer instanceof FramePairs)) return "token of the text";
  return tokenizer.source.frames.isSound ? "second of the sound" : "frame of the series";
}

/** Captions with their pictures as data URIs. */
async function showPictures(maps: readonly MappedPrediction[], ports: PicturePorts): Promise<SeenPicture[]> {
  return Promise.all(maps.map(async (map) => ({ ...map, picture: await pictureUri(pictureFile(map.input, ports)) })));
}

/** Adds a hint to an error if the text is the name of an existing file. @param command the command that reads texts */
async function withFileHint<T>(
  [text = ""]: readonly string[],
  command: string | undefined,
  make: () => Promise<T>,
): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof DataError) || command === undefined || !existsSync(text)) throw error;
    throw new DataError(error.message, `to read the texts in this file: ${command} < ${quoteArgument(text)}`);
  }
}

/** @throws OptionError if a flag that needs no search is combined with a decoding or display option */
function expectAlone(flag: string, options: Readonly<Record<string, unknown>>): void {
  const usual: Readonly<Record<string, unknown>> = z.parse(AnswerFlags, {});
  const other = Object.keys(options).find((name) => options[name] !== usual[name]);
  if (other !== undefined)
    throw new OptionError(
      `${flag}: expected only one of ${flag} and ${flagOf(other)}, got both.`,
      "scoring a given target needs no decoding",
    );
}

/** The index of the first input that the model cannot read, or −1. One at a time, since reading a file may take long. */
async function firstUnread(answerer: Answerer, texts: readonly string[]): Promise<number> {
  for (const [i, text] of texts.entries()) if (!(await answerer.canRead(text))) return i;
  return -1;
}

/** The answers to the given texts, or to those on standard input. @throws DataError with the line that cannot be read */
async function* answers(
  answerer: Answerer,
  given: readonly string[],
  command?: string,
): AsyncGenerator<Prediction[], void> {
  if (given.length > 0) return void (yield await withFileHint(given, command, () => answerer.answer(given)));
  if (process.stdin.isTTY) throw new DataError("predict: expected texts as arguments or on standard input, got none.");
  for await (const inputs of inputBatches(process.stdin, answerer.hasLines)) {
    const texts = inputs.map(({ text }) => text);
    try {
      yield await answerer.answer(texts);
    } catch (error) {
      const bad = await firstUnread(answerer, texts);
      if (!(error instanceof DataError) || bad < 0) throw error;
      if (bad > 0) yield await answerer.answer(texts.slice(0, bad));
      throw new DataError(`line ${inputs[bad]?.line}: ${error.message}`, error.hint);
    }
  }
}

function show(output: Output, { attention: _, others, ...best }: Prediction): void {
  if (!others) output.result({ kind: "prediction", ...best }, oneLine(best.output));
  else
    for (const [i, { output: text, score }] of [best, ...others].entries())
      output.result(
        { kind: "prediction", ...best, rank: i + 1, output: text, score },
        `${i + 1}\t${score}\t${oneLine(text)}`,
      );
}
