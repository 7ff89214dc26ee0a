import * as z from "zod/mini";
import { describeOption } from "../../engine/check-options.js";
import { DataError, OptionError } from "../../engine/errors.js";
import { SequenceWriter } from "../../models/sources.js";
import type { PairCodec } from "../../text/codec.js";
import { findOverlap, type Pair, type PairData, type PairSet, type SplitName } from "../pairs/pairs.js";
import { trainTargets } from "../pairs/text-codec.js";
import { type Notice, notify, type OnNotice, otherData, type Task, TaskOptions, tokenizerReader } from "../task.js";
import { CaptionPairs } from "./caption-codec.js";
import { type CaptionList, openCaptions } from "./caption-files.js";
import type { CaptionSettings } from "./caption-options.js";
import { type LoadedPictures, loadPictures, type PictureReading, pictureUri } from "./load-pictures.js";
import { chooseReading, type NetworkChoice, type PicturePorts, restoreReading } from "./picture-reading.js";
import { type Picture, Pictures } from "./pictures.js";
import { listShapes } from "./shapes.js";

/** Options of captioned pictures: which to find or generate, how to read them, and how to split them. */
export const CaptionTaskOptions = z.extend(
  z.pick(TaskOptions, {
    ...{ format: true, sourceColumn: true, targetColumn: true, header: true },
    ...{ valid: true, test: true, skipInvalid: true, dataDir: true },
  }),
  {
    count: z.optional(
      z
        .int()
        .check(
          z.minimum(20),
          z.maximum(1_000_000),
          describeOption("data", "Shapes: generate this many pictures", "40,000"),
        ),
    ),
    captions: z.optional(
      z
        .int()
        .check(
          z.minimum(1),
          z.maximum(24),
          describeOption("data", "Shapes: write at most this many captions per picture", "2"),
        ),
    ),
    cache: z.optional(
      z
        .string()
        .check(
          z.minLength(1),
          describeOption("machine", "Keep the image network's features in this folder", "the user's cache"),
        ),
    ),
  },
);
export type CaptionTaskOptions = z.infer<typeof CaptionTaskOptions>;

export type CaptionData = PairData<Pictures, CaptionPairs>;

/** Options that only a folder has, or only the generator. */
const ofFolders = ["format", "sourceColumn", "targetColumn", "header", "valid", "test"] as const;
const ofShapes = ["count", "captions"] as const;

/** The outside world, with a receiver of notices. */
export type CaptionPorts = PicturePorts & { readonly onNotice?: OnNotice | undefined };

/** Options of a task, with those of its image network. */
export type OpenCaptionOptions = CaptionTaskOptions & NetworkChoice & { readonly seed: number };

/** Opens the generator's pictures, or those of a folder. @throws DataError as `openCaptions` does */
export function openCaptionTask(name: string, options: OpenCaptionOptions, ports: CaptionPorts): CaptionTask {
  const isMade = name === "shapes";
  const expected = isMade ? "a folder of pictures, got the generator shapes" : `the generator shapes, got ${name}`;
  for (const each of isMade ? ofFolders : ofShapes)
    if (options[each] !== undefined) throw new OptionError(`${each}: expected ${expected}.`);
  const list = isMade ? listShapes(options, options.seed) : openCaptions(name, options, options.seed, ports);
  return new CaptionTask(list, options, ports);
}

const partNames = ["train", "valid", "test"] as const;

/** Captioned pictures, before they become numbers. */
export class CaptionTask implements Task<CaptionSettings, Pictures, CaptionPairs> {
  readonly #list: CaptionList;
  readonly #options: OpenCaptionOptions;
  readonly #ports: CaptionPorts;
  readonly #broken = new Set<string>();

  /** @param options `skipInvalid` leaves out broken pictures */
  constructor(list: CaptionList, options: OpenCaptionOptions, ports: CaptionPorts) {
    this.#list = list;
    this.#options = options;
    this.#ports = ports;
    for (const message of list.skipped) this.#notify("skipped", message);
    const { length: known } = this.overlap();
    const count = this.#pairs("test").length.toLocaleString("en");
    if (known > 0)
      this.#notify(
        "overlap",
        `${known.toLocaleString("en")} of the ${count} test captions have a picture that also occurs in training`,
      );
  }

  /** All pictures as numbers, and captions as ids of a tokenizer made from the training set. */
  async load(settings: CaptionSettings): Promise<CaptionData> {
    const parts = { train: this.#pairs("train"), valid: this.#pairs("valid"), test: this.#pairs("test") };
    const target = trainTargets(
      settings,
      parts.train.map((pair) => pair.target),
      tokenizerReader(this.#ports.files),
    );
    const lengthOf = (pair: Pair): number => target.encode(pair.target).length + 1;
    const kept = parts.train.filter((pair) => lengthOf(pair) <= settings.maxTrainLength);
    if (kept.length < parts.train.length)
      this.#notify(
        "skipped",
        `${parts.train.length - kept.length} captions of more than ${settings.maxTrainLength} tokens are not trained on (maxTrainLength)`,
      );
    const reading = await chooseReading(settings, this.#options, this.#ports);
    const loaded = await this.#read([...kept, ...parts.valid, ...parts.test], reading);
    const [height, width, channels] = loaded.shape;
    const tokenizer = new CaptionPairs(
      target,
      withScale(reading, loaded.pictures),
      { height, width, channels },
      kept.reduce((most, pair) => Math.max(most, lengthOf(pair)), 1),
    );
    const [train, valid, test] = [kept, parts.valid, parts.test].map((pairs) => this.#encode(tokenizer, pairs, loaded));
    if (!train?.count || !test?.count)
      throw new DataError(
        `${this.#list.name}: expected captions to train and to test on, got ${train?.count} and ${test?.count}.`,
      );
    const counts = [train, valid, test].map((set) => (set?.count ?? 0).toLocaleString("en"));
    this.#notify(
      "size",
      `${counts.join(" + ")} captions of ${loaded.pictures.size.toLocaleString("en")} pictures for training, validation and test`,
    );
    return { name: this.#list.name, tokenizer, train, test, ...(valid?.count && { valid }) };
  }

  /** One set, or all of them, as a trained model reads them. @throws DataError for a model that reads something else */
  async encode(tokenizer: PairCodec, part: SplitName | "all"): Promise<PairSet<Pictures>> {
    if (!(tokenizer instanceof CaptionPairs)) throw otherData(tokenizer, this.#list.name, "pictures");
    const pairs = part === "all" ? partNames.flatMap((each) => this.#pairs(each)) : this.#pairs(part);
    const reading = await restoreReading(tokenizer.source.format, this.#options, this.#ports);
    return this.#encode(tokenizer, pairs, await this.#read(pairs, reading));
  }

  /** Data URIs of pictures, for a page. */
  async show(names: readonly string[]): Promise<Map<string, string>> {
    const uris = names.map(async (name) => [name, await pictureUri(this.#list.picture(name))] as const);
    return new Map(await Promise.all(uris));
  }

  /** The indices of test captions whose picture also occurs in the training set. */
  overlap(): number[] {
    const [train = [], test = []] = (["train", "test"] as const).map((part) => this.#pairs(part).map((p) => p.source));
    return findOverlap(train, test);
  }

  #notify(about: Notice["about"], message: string): void {
    notify(this.#ports, about, message);
  }

  /** Without pictures that have turned out to be broken. */
  #pairs(part: SplitName): Pair[] {
    return [...this.#list.pairs(part)].filter(({ source }) => !this.#broken.has(source));
  }

  /** The pictures of some pairs, by their names, without those that are broken. */
  async #read(pairs: readonly Pair[], reading: PictureReading): Promise<NamedPictures> {
    const names = [...new Set(pairs.map(({ source }) => source))];
    const inputs = names.map((name) => this.#list.picture(name));
    const { shape, values } = await loadPictures(inputs, reading, { skipBroken: this.#options.skipInvalid });
    const pictures = new Map<string, Picture>();
    for (const [i, name] of names.entries()) {
      const picture = values[i];
      if (picture) pictures.set(name, picture);
      else this.#broken.add(name);
    }
    const broken = names.length - pictures.size;
    if (broken > 0) this.#notify("skipped", `${broken} broken ${broken === 1 ? "picture" : "pictures"} skipped`);
    return { shape, pictures };
  }

  /** Pairs as a model reads them, without those whose picture is broken. */
  #encode(tokenizer: CaptionPairs, pairs: readonly Pair[], loaded: NamedPictures): PairSet<Pictures> {
    const targets = new SequenceWriter();
    const [rows, texts]: [Picture[], Pair[]] = [[], []];
    for (const pair of pairs) {
      const picture = loaded.pictures.get(pair.source);
      if (!picture) continue;
      rows.push(picture);
      texts.push(pair);
      targets.add(tokenizer.target.encode(pair.target));
    }
    const sources = new Pictures(loaded.shape, rows, tokenizer.source.format);
    return { count: rows.length, sources, targets: targets.finish(), texts, judge: this.#list.judge };
  }
}

interface NamedPictures extends Pick<LoadedPictures, "shape"> {
  readonly pictures: ReadonlyMap<string, Picture>;
}

/** Features are scaled to a mean square of 1, as networks differ in the size of theirs. */
function withScale({ format }: PictureReading, pictures: ReadonlyMap<string, Picture>): PictureReading["format"] {
  if (!format.network) return format;
  let [sum, count] = [0, 0];
  for (const picture of pictures.values()) {
    for (const value of picture) sum += value * value;
    count += picture.length;
  }
  return { ...format, network: { ...format.network, scale: sum > 0 ? Math.sqrt(count / sum) : 1 } };
}
