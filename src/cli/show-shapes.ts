import { mkdirSync } from "node:fs";
import { captionsOf } from "../data/shape-captions.js";
import { shapes } from "../data/shapes.js";
import { writeShapes } from "../node/write-shapes.js";
import { grouped, type Output } from "./output.js";
import { expectPlaces } from "./places.js";

/** What `seqloom data shapes` can be told. */
export interface ShapesRequest {
  readonly count?: number | undefined;
  readonly captions?: number | undefined;
  readonly seed: number;
  readonly size: number;
  /** A folder for the pictures. */
  readonly write?: string | undefined;
  readonly force: boolean;
}

/** Shows the pictures that the generator makes, and writes them into a folder where one is named. */
export async function showShapes({ count, captions, seed, size, write, force }: ShapesRequest, output: Output) {
  const asked = { ...(count !== undefined && { count }), ...(captions !== undefined && { captions }), seed };
  const { train, valid, test } = shapes(asked);
  const parts = Object.entries({ train, valid, test });
  const all = parts.flatMap(([, list]) => list);
  const words = new Set(all.flatMap(({ captions: list }) => list.flatMap((caption) => caption.split(" "))));
  const samples = train.slice(0, 3).map(({ scene }) => ({ captions: captionsOf(scene), shapes: scene.shapes }));
  const lines = [
    ...parts.map(
      ([part, list]) =>
        `${part.padEnd(5)}  ${grouped(list.length)} pictures of ${size} × ${size}, ${grouped(captionsIn(list))} captions`,
    ),
    `${words.size} words: ${[...words].sort().join(" ")}`,
    ...samples.map(({ captions: list }) => list.slice(0, 4).join("\n")),
  ];
  const counts = Object.fromEntries(parts.map(([part, list]) => [part, list.length]));
  output.result(
    { kind: "dataset", name: "shapes", pictures: counts, vocabulary: [...words].sort(), samples },
    lines.join("\n\n"),
  );
  if (write === undefined) return;
  mkdirSync(write, { recursive: true });
  expectPlaces([`${write}/captions.tsv`], { names: [] }, force, "choose another folder");
  await writeShapes(write, all, size);
  output.result({ kind: "saved", path: write, why: "pictures" }, undefined);
  output.message(`${grouped(all.length)} pictures and captions.tsv in ${write}`);
}

const captionsIn = (list: readonly { captions: readonly string[] }[]): number =>
  list.reduce((sum, { captions }) => sum + captions.length, 0);
