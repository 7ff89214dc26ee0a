import * as z from "zod/mini";
import { DataError } from "../engine/errors.js";
import type { SourceSize } from "../models/seq2seq.js";
import type { Sources } from "../models/sources.js";
import type { PairCodec, SourceCodec } from "../text/codec.js";
import { HuggingFace } from "../text/hugging-face.js";
import type { Tokenizer } from "../text/tokenizer.js";
import type { Files } from "./files.js";
import { DataOptions } from "./pairs/datasets.js";
import { PairFileOptions } from "./pairs/pair-file-options.js";
import type { PairSettings } from "./pairs/pair-options.js";
import type { PairData, PairSet, SplitName } from "./pairs/pairs.js";
import type { Suggestion } from "./pairs/suggest.js";
import { isTextCodec, type TextCodec } from "./pairs/text-codec.js";

/** Options of a task: which data to find or generate, how to read them, and how to split them. */
export const TaskOptions = z.extend(DataOptions, PairFileOptions.shape);
export type TaskOptions = z.infer<typeof TaskOptions>;

/** A message about the data that stops nothing: their size, rows left out, sources in training and test. */
export interface Notice {
  readonly kind: "notice";
  /** The subject, to choose by: how many there are, what was left out, what is in two sets, or what takes a while. */
  readonly about: "size" | "skipped" | "overlap" | "progress";
  readonly message: string;
}

/** Receives notices in the order in which they arise. */
export type OnNotice = (notice: Notice) => void;

/** The outside world as tasks see it. `nodePorts` of seqloom/node opens it in Node. */
export interface Ports {
  readonly files: Files;
  /** @default notices are dropped */
  readonly onNotice?: OnNotice | undefined;
  /** A speech synthesizer, for spoken digits. */
  readonly speech?: Speech | undefined;
  /** A place that keeps what was fetched or generated at some cost. */
  readonly store?: DataStore | undefined;
  /** The bytes at an address. @throws Error with the reason */
  readonly download?: ((address: string) => Promise<Uint8Array>) | undefined;
}

/** A speech synthesizer with the voices of espeak-ng. */
export interface Speech {
  readonly name: string;
  /** Number of utterances to speak at the same time. */
  readonly parallel: number;
  /** @throws DataError if the synthesizer is not installed */
  check(): Promise<void>;
  /** A WAV file. @throws DataError if the synthesizer is missing or fails */
  speak(utterance: Utterance): Promise<Uint8Array>;
}

/** A text, and how it is spoken. */
export interface Utterance {
  readonly text: string;
  readonly voice: string;
  /** Words per minute. */
  readonly speed: number;
  /** From 0 to 99. */
  readonly pitch: number;
  /** Pause between two words, in units of 10 ms. */
  readonly gap: number;
}

/** A folder that keeps data. */
export interface DataStore {
  readonly folder: string;
  /** Makes the folder of a path and checks that a file can be written there. @throws SeqloomError with the hint if not */
  prepare(path: string, hint: string): void;
  /** Writes a file as a whole, or not at all. @throws SeqloomError if the disk is full or not writable */
  write(path: string, bytes: Uint8Array): void;
}

/** The tokenizer of a seq2seq model, whose sources are texts or frames. */
export type Seq2SeqTokenizer = PairCodec<SourceCodec & SourceSize>;

/** A data set to train and test on, before it becomes numbers. */
export interface Task<
  Settings = PairSettings,
  Source extends Sources = Sources,
  T extends PairCodec = Seq2SeqTokenizer,
> {
  /** Settings that suit the data, where the user gives none; undefined for fixed-width files, which are read as in the book. */
  readonly suggestion?: Suggestion | undefined;
  /** A question to ask the model, and the command that makes its file, if no question of the test set is a file or a text. */
  readonly example?: { readonly question: string; readonly command: string } | undefined;
  /** The data as numbers, by tokenizers made from the training set. */
  load(settings: Settings): Promise<PairData<Source, T>>;
  /** One set, or all of them, as a trained model reads them. @throws DataError if it reads data of another kind */
  encode(tokenizer: PairCodec, part: SplitName | "all"): Promise<PairSet<Source>>;
  /** The indices of test pairs whose source also occurs in the training set. */
  overlap(): number[];
}

/** Sends a notice to the ports' receiver. */
export function notify({ onNotice }: Pick<Ports, "onNotice">, about: Notice["about"], message: string): void {
  onNotice?.({ kind: "notice", about, message });
}

/** A reader of tokenizer.json files, for `trainTokenizers`. */
export function tokenizerReader(files: Files): (path: string) => Tokenizer {
  return (path) => HuggingFace.read(path, new TextDecoder().decode(files.read(path, "a tokenizer.json")));
}

/** @throws DataError naming the data, if the model reads something else than texts */
export function expectTexts(tokenizer: PairCodec, name: string): TextCodec {
  if (isTextCodec(tokenizer)) return tokenizer;
  throw otherData(tokenizer, name, "texts");
}

/** An error for data of another kind than the model reads. */
export function otherData({ source: { reads = "texts" } }: PairCodec, name: string, got: string): DataError {
  const hint = "the data must be of the kind that the model was trained on";
  return new DataError(`${name}: expected ${reads}, which the model reads, got ${got}.`, hint);
}
