import { join } from "node:path";
import { writeWhole } from "../../node/files.js";
import { encodePng } from "../../node/sharp.js";
import { paintScene } from "./paint-scene.js";
import type { CaptionedScene } from "./shapes.js";

/** Writes pictures as files 00001.png … into a folder that is there, with their captions beside them in captions.tsv. */
export async function writeShapes(folder: string, scenes: readonly CaptionedScene[], side: number): Promise<void> {
  const rows: string[] = [];
  for (const [i, { scene, captions }] of scenes.entries()) {
    const name = `${String(i + 1).padStart(5, "0")}.png`;
    writeWhole(join(folder, name), await encodePng(paintScene(scene, side), { height: side, width: side }));
    rows.push(...captions.map((caption) => `${name}\t${caption}\n`));
  }
  writeWhole(join(folder, "captions.tsv"), rows.join(""));
}
