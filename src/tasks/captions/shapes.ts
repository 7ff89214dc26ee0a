import * as z from "zod/mini";
import { checkOptions, describeOption } from "../../engine/check-options.js";
import { Random } from "../../engine/random.js";
import { type SplitName, splitOf } from "../pairs/pairs.js";
import type { CaptionList } from "./caption-files.js";
import { paintedScene } from "./load-pictures.js";
import { captionsOf, drawScene, isTrue, keyOf, paintScene, type Scene } from "./shape-scenes.js";

/** Options of the generator. */
export const ShapesOptions = z.object({
  count: z._default(
    z
      .int()
      .check(
        z.minimum(20),
        z.maximum(1_000_000),
        describeOption(
          "data",
          "Generate this many pictures: a tenth for the test, at most 1,000, and half as many for validation",
        ),
      ),
    40_000,
  ),
  captions: z._default(
    z.int().check(z.minimum(1), z.maximum(24), describeOption("data", "Write at most this many captions per picture")),
    2,
  ),
  seed: z._default(
    z.int().check(z.minimum(0), z.maximum(2 ** 32 - 1), describeOption("data", "Seed all random numbers")),
    1,
  ),
});

/** A scene and some true captions of it. */
export interface CaptionedScene {
  readonly scene: Scene;
  readonly captions: readonly string[];
}

export type Shapes = Readonly<Record<SplitName, readonly CaptionedScene[]>>;

/** Shares of all possible scenes. The set of a scene is the same for every seed, so sets of different seeds never mix. */
const shares = { test: 0.1, valid: 0.1 };

/**
 * Pictures of one to three shapes with captions like "a small red circle above a large blue square". No scene occurs
 * twice. `paintScene` makes the picture, `isTrue` tells whether any caption is right.
 */
export function shapes(options: z.input<typeof ShapesOptions> = {}): Shapes {
  const { count, captions, seed } = checkOptions("shapes", ShapesOptions, options);
  const test = Math.min(1000, Math.round(count / 10));
  const valid = Math.round(test / 2);
  const wanted: Record<SplitName, number> = { test, valid, train: count - test - valid };
  const parts: Record<SplitName, CaptionedScene[]> = { train: [], valid: [], test: [] };
  const random = new Random(seed, 0x5ce9e);
  const seen = new Set<string>();
  for (let left = count; left > 0; ) {
    const scene = drawScene(random);
    const key = keyOf(scene);
    const part = splitOf(key, shares, 0);
    if (seen.has(key) || parts[part].length === wanted[part]) continue;
    seen.add(key);
    parts[part].push({ scene, captions: random.shuffle(captionsOf(scene)).slice(0, captions) });
    left--;
  }
  return parts;
}

/** The generator's pictures with their captions. It can judge any other caption too. */
export function listShapes(
  { count, captions }: { count?: number | undefined; captions?: number | undefined },
  seed: number,
): CaptionList {
  const parts = shapes({ seed, ...(count !== undefined && { count }), ...(captions !== undefined && { captions }) });
  const scenes = new Map<string, CaptionedScene>();
  for (const part of ["train", "valid", "test"] as const)
    for (const [i, each] of parts[part].entries()) scenes.set(`${part} ${i + 1}`, each);
  const find = (name: string): CaptionedScene => {
    const found = scenes.get(name);
    if (!found) throw new RangeError(`shapes: expected a picture of these, got ${name}.`);
    return found;
  };
  return {
    name: "shapes",
    skipped: [],
    *pairs(part) {
      for (const [i, each] of parts[part].entries())
        for (const target of each.captions) yield { source: `${part} ${i + 1}`, target };
    },
    picture: (name) => paintedScene(find(name).scene),
    judge: (name, caption) => isTrue(caption, find(name).scene),
  };
}

/**
 * Writes pictures as files 00001.png … with their captions in captions.tsv.
 * @param encode makes a picture file of (side, side, 3) bytes
 * @param write receives each file
 */
export async function writeShapes(
  scenes: readonly CaptionedScene[],
  side: number,
  encode: (pixels: Uint8Array) => Promise<Uint8Array>,
  write: (name: string, content: Uint8Array | string) => void,
): Promise<void> {
  const rows: string[] = [];
  for (const [i, { scene, captions }] of scenes.entries()) {
    const name = `${String(i + 1).padStart(5, "0")}.png`;
    write(name, await encode(paintScene(scene, side)));
    rows.push(...captions.map((caption) => `${name}\t${caption}\n`));
  }
  write("captions.tsv", rows.join(""));
}
