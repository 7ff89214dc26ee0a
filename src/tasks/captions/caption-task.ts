import * as z from "zod/mini";
import { DataError, OptionError } from "../../engine/errors.js";
import { flagOf } from "../../engine/flag-of.js";
import { SequenceWriter } from "../../models/sources.js";
import { readTokenizer } from "../../node/tokenizer-file.js";
import type { PairCodec } from "../../text/codec.js";
import { otherData } from "../expect-texts.js";
import { TaskOptions } from "../open-task.js";
import { findOverlap } from "../pairs/pair-split.js";
import { trainTargets } from "../pairs/pair-tokenizers.js";
import type { Pair, PairData, PairSet, SplitName } from "../pairs/pairs.js";
import { CaptionPairs } from "./caption-codec.js";
import { type CaptionList, openCaptions } from "./caption-files.js";
import type { CaptionSettings } from "./caption-options.js";
import { type LoadedPictures, loadPictures, pictureUri } from "./load-pictures.js";
import { chooseReading, type NetworkPlaces, type PictureReading, restoreReading } from "./picture-formats.js";
import { type Picture, Pictures } from "./pictures.js";
import { listShapes } from "./shape-list.js";

/** How captioned pictures are found, made, read and divided. */
export const CaptionTaskOptions = z.extend(
  z.pick(TaskOptions, {
    ...{ format: true, sourceColumn: true, targetColumn: true, header: true },
    ...{ valid: true, test: true, skipInvalid: true, dataDir: true },
  }),
  {
    count: z.optional(
      z
        .int()
        .check(z.minimum(20), z.maximum(1_000_000), z.describe("shapes: how many pictures are made (default: 40,000)")),
    ),
    captions: z.optional(
      z.int().check(z.minimum(1), z.maximum(24), z.describe("shapes: captions of a picture at most (default: 2)")),
    ),
    cache: z.optional(
      z
        .string()
        .check(z.minLength(1), z.describe("folder in which a network's features are kept (default: the user's cache)")),
    ),
  },
);
export type CaptionTaskOptions = z.infer<typeof CaptionTaskOptions>;

export type CaptionData = PairData<Pictures, CaptionPairs>;

/** Options that only a folder has, or only the generator. */
const ofFolders = ["format", "sourceColumn", "targetColumn", "header", "valid", "test"] as const;
const ofShapes = ["count", "captions"] as const;

/** Opens the generator's pictures, or those of a folder. @throws DataError as `openCaptions` does */
export function openCaptionTask(
  name: string,
  options: CaptionTaskOptions,
  seed: number,
  places: NetworkPlaces = {},
): CaptionTask {
  const isMade = name === "shapes";
  const expected = isMade ? "a folder of pictures, got the generator shapes" : `the generator shapes, got ${name}`;
  for (const each of isMade ? ofFolders : ofShapes)
    if (options[each] !== undefined) throw new OptionError(`${flagOf(each)}: expected ${expected}.`);
  const list = isMade ? listShapes(options, seed) : openCaptions(name, options, seed);
  return new CaptionTask(list, { ...options, ...places }, options.skipInvalid);
}

const partNames = ["train", "valid", "test"] as const;

/** Captioned pictures, before they are turned into numbers. */
export class CaptionTask {
  readonly notes: string[];
  readonly #list: CaptionList;
  readonly #places: NetworkPlaces;
  readonly #skipBroken: boolean;
  readonly #broken = new Set<string>();

  /** @param skipBroken leave out broken pictures, and say how many */
  constructor(list: CaptionList, places: NetworkPlaces, skipBroken = false) {
    this.notes = [...list.notes];
    this.#list = list;
    this.#places = places;
    this.#skipBroken = skipBroken;
    const { length: known } = this.overlap();
    if (known > 0)
      this.notes.push(
        `${known.toLocaleString("en")} of the ${this.#pairs("test").length.toLocaleString("en")} test captions have a picture that also occurs in training`,
      );
  }

  /** All pictures as numbers, and captions as ids by a tokenizer made from the training part. */
  async load(settings: CaptionSettings): Promise<CaptionData> {
    const parts = { train: this.#pairs("train"), valid: this.#pairs("valid"), test: this.#pairs("test") };
    const target = trainTargets(
      settings,
      parts.train.map((pair) => pair.target),
      readTokenizer,
    );
    const lengthOf = (pair: Pair): number => target.encode(pair.target).length + 1;
    const kept = parts.train.filter((pair) => lengthOf(pair) <= settings.maxTrainLength);
    if (kept.length < parts.train.length)
      this.notes.push(
        `${parts.train.length - kept.length} captions of more than ${settings.maxTrainLength} tokens are not trained on (--max-train-length)`,
      );
    const reading = await chooseReading(settings, this.#places);
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
    this.notes.unshift(
      `${counts.join(" + ")} captions of ${loaded.pictures.size.toLocaleString("en")} pictures for training, validation and test`,
    );
    return { name: this.#list.name, tokenizer, train, test, ...(valid?.count && { valid }) };
  }

  /** A part, or all of them, as a model reads them. @throws DataError for a model that reads something else */
  async encode(tokenizer: PairCodec, part: SplitName | "all"): Promise<PairSet<Pictures>> {
    if (!(tokenizer instanceof CaptionPairs)) throw otherData(tokenizer, this.#list.name, "pictures");
    const pairs = part === "all" ? partNames.flatMap((each) => this.#pairs(each)) : this.#pairs(part);
    const reading = await restoreReading(tokenizer.source.format, this.#places);
    return this.#encode(tokenizer, pairs, await this.#read(pairs, reading));
  }

  /** The addresses of pictures, for a page. */
  async show(names: readonly string[]): Promise<Map<string, string>> {
    const uris = names.map(async (name) => [name, await pictureUri(this.#list.picture(name))] as const);
    return new Map(await Promise.all(uris));
  }

  /** Which of the test's captions have a picture that also occurs in training, by their index. */
  overlap(): number[] {
    const [train = [], test = []] = (["train", "test"] as const).map((part) => this.#pairs(part).map((p) => p.source));
    return findOverlap(train, test);
  }

  /** Without pictures that have turned out to be broken. */
  #pairs(part: SplitName): Pair[] {
    return [...this.#list.pairs(part)].filter(({ source }) => !this.#broken.has(source));
  }

  /** The pictures of some pairs, by their names, without those that are broken. */
  async #read(pairs: readonly Pair[], reading: PictureReading): Promise<NamedPictures> {
    const names = [...new Set(pairs.map(({ source }) => source))];
    const inputs = names.map((name) => this.#list.picture(name));
    const { shape, values } = await loadPictures(inputs, reading, { skipBroken: this.#skipBroken });
    const pictures = new Map<string, Picture>();
    for (const [i, name] of names.entries()) {
      const picture = values[i];
      if (picture) pictures.set(name, picture);
      else this.#broken.add(name);
    }
    const broken = names.length - pictures.size;
    if (broken > 0) this.notes.push(`${broken} broken ${broken === 1 ? "picture" : "pictures"} skipped`);
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

/** Features are brought to a mean square of 1: networks differ in how loud they speak. */
function withScale({ format }: PictureReading, pictures: ReadonlyMap<string, Picture>): PictureReading["format"] {
  if (!format.network) return format;
  let [sum, count] = [0, 0];
  for (const picture of pictures.values()) {
    for (const value of picture) sum += value * value;
    count += picture.length;
  }
  return { ...format, network: { ...format.network, scale: sum > 0 ? Math.sqrt(count / sum) : 1 } };
}
