import { expect, test } from "vitest";
import * as z from "zod/mini";
import { openBackend } from "../../src/node/backend.js";
import { PictureFormat } from "../../src/tasks/captions/picture-format.js";
import { PictureNetwork } from "../../src/tasks/captions/picture-network.js";
import { paintScene } from "../../src/tasks/captions/shape-scenes.js";
import { shapes } from "../../src/tasks/captions/shapes.js";
import { skipWithoutOnnx } from "../helpers/pictures.js";
import { ShapeClassifier } from "../helpers/shape-classifier.js";

test.skipIf(skipWithoutOnnx)("our own convolutions say in ONNX form what they say here", async () => {
  const backend = await openBackend(undefined, { threads: 1 });
  const classifier = new ShapeClassifier(backend, z.parse(PictureFormat, { height: 48, width: 48 }), 1);
  const network = await PictureNetwork.open("shapes.onnx", classifier.toOnnx(), "0".repeat(64));
  for (const { scene } of shapes({ count: 20 }).train.slice(0, 3)) {
    const ours = classifier.features(scene);
    const [theirs] = await network.features([paintScene(scene, 48)]);
    expect(theirs?.shape).toEqual([6, 6, 64]);
    const largest = ours.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const apart = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - (theirs?.values[i] ?? 9))), 0);
    expect(apart / largest).toBeLessThan(1e-5); // sums of 32-bit numbers in another order
  }
  backend.close();
});
