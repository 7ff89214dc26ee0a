import { join } from "node:path";
import { makeFolder, writeWhole } from "../node/files.js";
import { encodePng } from "../node/packages.js";
import { captionsOf } from "../tasks/captions/shape-scenes.js";
import { shapes, writeShapes } from "../tasks/captions/shapes.js";
import { grouped, type Output } from "./output.js";
import { expectPlaces } from "./places.js";

/** Options of `seqloom data shapes`. */
export interface ShapesRequest {
  readonly count?: number | undefined;
  readonly captions?: number | undefined;
  readonly seed: number;
  /** Pixels of a picture's sides. @default 48 */
  readonly size?: number | undefined;
  /** A folder for the pictures. */
  readonly write?: string | undefined;
  readonly force: boolean;
}

/** Shows samples of the generator, and writes the pictures to a folder if one is given. */
export async function showShapes({ count, captions, seed, size = 48, write, force }: ShapesRequest, output: Output) {
  if (write !== undefined) {
    makeFolder(write);
    expectPlaces([`${write}/captions.tsv`], { names: [] }, force, "choose another folder");
  }
  const asked = { ...(count !== undefined && { count }), ...(captions !== undefined && { captions }), seed };
  const { train, valid, test } = shapes(asked);
  const parts = Object.entries({ train, valid, test });
  const all = parts.flatMap(([, list]) => list);
  const vocabulary = [...new Set(all.flatMap((each) => each.captions.flatMap((caption) => caption.split(" "))))].sort();
  const samples = train.slice(0, 3).map(({ scene }) => ({ captions: captionsOf(scene), shapes: scene.shapes }));
  const sizes = parts.map(
    ([part, list]) =>
      `${part.padEnd(5)}  ${grouped(list.length)} pictures of ${size} × ${size}, ${grouped(captionsIn(list))} captions`,
  );
  const examples = samples.map(({ captions: list }) => list.slice(0, 4).join("\n"));
  const words = [...sizes, `${vocabulary.length} words: ${vocabulary.join(" ")}`, "", examples.join("\n\n")].join("\n");
  const counts = Object.fromEntries(parts.map(([part, list]) => [part, list.length]));
  output.result({ kind: "dataset", name: "shapes", pictures: counts, vocabulary, samples }, words);
  if (write === undefined) return;
  const encode = (pixels: Uint8Array): Promise<Uint8Array> => encodePng(pixels, { height: size, width: size });
  await writeShapes(all, size, encode, (file, content) => writeWhole(join(write, file), content));
  output.result({ kind: "saved", path: write, why: "pictures" }, undefined);
  output.message(`${grouped(all.length)} pictures and captions.tsv in ${write}`);
}

const captionsIn = (list: readonly { captions: readonly string[] }[]): number =>
  list.reduce((sum, { captions }) => sum + captions.length, 0);
