import type { CaptionList } from "./caption-files.js";
import { paintedScene } from "./load-pictures.js";
import { isTrue } from "./shape-captions.js";
import { type CaptionedScene, shapes } from "./shapes.js";

/** The generator's pictures with their captions; whether any other caption is true of one, it knows too. */
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
    notes: [],
    *pairs(part) {
      for (const [i, each] of parts[part].entries())
        for (const target of each.captions) yield { source: `${part} ${i + 1}`, target };
    },
    picture: (name) => paintedScene(find(name).scene),
    judge: (name, caption) => isTrue(caption, find(name).scene),
  };
}
