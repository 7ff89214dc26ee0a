import * as z from "zod/mini";
import { checkOptions } from "../../engine/check-options.js";
import { Random } from "../../engine/random.js";
import { splitOf } from "../pairs/pair-split.js";
import type { SplitName } from "../pairs/pairs.js";
import { captionsOf } from "./shape-captions.js";
import { drawScene, keyOf, type Scene } from "./shape-scenes.js";

/** What the generator can be asked for. */
export const ShapesOptions = z.object({
  count: z._default(
    z
      .int()
      .check(
        z.minimum(20),
        z.maximum(1_000_000),
        z.describe("pictures: a tenth for the test, but at most 1,000, and half as many for validation"),
      ),
    40_000,
  ),
  captions: z._default(
    z.int().check(z.minimum(1), z.maximum(24), z.describe("captions of a picture at most, of all that are true")),
    2,
  ),
  seed: z._default(
    z.int().check(z.minimum(0), z.maximum(2 ** 32 - 1), z.describe("where all random numbers come from")),
    1,
  ),
});

/** What is to be seen on a picture, and some true captions of it. */
export interface CaptionedScene {
  readonly scene: Scene;
  readonly captions: readonly string[];
}

export type Shapes = Readonly<Record<SplitName, readonly CaptionedScene[]>>;

/** Of all scenes there are. A scene's part is the same for every seed, so that no part ever meets another. */
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
