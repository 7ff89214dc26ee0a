import { Workspace } from "../../src/engine/backend/arena.js";
import type { Backend } from "../../src/engine/backend/backend.js";
import { keysOf } from "../../src/engine/check-options.js";
import { CrossEntropy } from "../../src/engine/layers/cross-entropy.js";
import { initialize } from "../../src/engine/layers/initialize.js";
import { Linear } from "../../src/engine/layers/linear.js";
import { Adam } from "../../src/engine/optim/optimizer.js";
import { Random } from "../../src/engine/random.js";
import type { Ints, Tensor } from "../../src/engine/tensor.js";
import { Convolutions } from "../../src/models/convolutions.js";
import { type PictureFormat, pixelWriter } from "../../src/tasks/captions/picture-format.js";
import { colours, drawScene, forms, paintScene, type Scene, sizes } from "../../src/tasks/captions/shape-scenes.js";
import { OnnxWriter, type Weights } from "./onnx.js";

const SIDE = 48;
const N = 32;
const blocks = [16, 32, 64];
const classes = keysOf(sizes).flatMap((size) =>
  keysOf(colours).flatMap((colour) => forms.map((form) => `${size} ${colour} ${form}`)),
);

/**
 * A small network of our own layers that has learned to tell which shape is on a picture of one: its size, its colour and
 * its form, 48 classes in all.
 */
export class ShapeClassifier {
  readonly #backend: Backend;
  readonly #format: PictureFormat;
  readonly #convolutions: Convolutions;
  readonly #linear: Linear;
  readonly #loss: CrossEntropy;
  readonly #workspace: Workspace;

  constructor(backend: Backend, format: PictureFormat, seed: number) {
    this.#backend = backend;
    this.#format = format;
    this.#workspace = new Workspace(backend.arena);
    this.#convolutions = new Convolutions(backend, { height: SIDE, width: SIDE, channels: 3 }, blocks, "conv");
    const { height, width, channels } = this.#convolutions.size;
    this.#linear = new Linear(backend, { D: height * width * channels, O: classes.length });
    this.#loss = new CrossEntropy(backend);
    initialize([...this.#convolutions.params, ...this.#linear.params], "uniform", new Random(seed));
  }

  /** Trains on so many batches of pictures that nobody has seen before. @returns the share of the last 20's that it got right */
  train(steps: number, seed: number): number {
    const random = new Random(seed, 0xc1a55);
    const params = [...this.#convolutions.params, ...this.#linear.params];
    const optimizer = new Adam(this.#backend, params, 0.002);
    let right = 0;
    for (let step = 1; step <= steps; step++) {
      const { pictures, labels } = this.#draw(random);
      const features = this.#convolutions.forward(pictures);
      const logits = this.#linear.forward(features.as([N, 1, features.size / N]));
      if (step > steps - 20) right += countRight(logits, labels);
      this.#loss.forward(logits, labels);
      this.#convolutions.backward(this.#linear.backward(this.#loss.backward()).as(features.shape));
      optimizer.step(1, step);
    }
    return right / (20 * N);
  }

  /** The convolutions as a network in ONNX form: its output `features` is (N, 64, 6, 6). */
  toOnnx(): Uint8Array {
    const net = new OnnxWriter("picture", ["N", 3, SIDE, SIDE]);
    let x = "picture";
    for (const [i] of blocks.entries()) {
      const [weight, bias] = this.#convolutions.params.slice(2 * i).map(({ value }): Weights => value);
      if (!weight || !bias) throw new Error("expected a weight and a bias");
      x = net.maxPool(net.conv(x, copy(weight), { bias: copy(bias), pad: 1 }), 2);
      x = net.add("Relu", [x], {}, i === blocks.length - 1 ? "features" : undefined);
    }
    return net.finish([x]);
  }

  /** What the convolutions say of a scene, (6, 6, 64). */
  features(scene: Scene): Float32Array {
    return this.#convolutions.forward(this.#pack([scene])).data.slice();
  }

  #draw(random: Random): { pictures: Tensor; labels: Ints } {
    const scenes: Scene[] = [];
    while (scenes.length < N) {
      const scene = drawScene(random);
      if (scene.shapes.length === 1) scenes.push(scene);
    }
    const labels = this.#workspace.ints("labels", [N, 1]);
    const names = scenes.map(({ shapes: [shape] }) => shape && `${shape.size} ${shape.colour} ${shape.form}`);
    labels.data.set(names.map((name) => classes.indexOf(name ?? "")));
    return { pictures: this.#pack(scenes), labels };
  }

  #pack(scenes: readonly Scene[]): Tensor {
    const pictures = this.#workspace.tensor("pictures", [scenes.length, SIDE, SIDE, 3]);
    const [write, size] = [pixelWriter(this.#format), SIDE * SIDE * 3];
    for (const [n, scene] of scenes.entries())
      write(paintScene(scene, SIDE), pictures.data.subarray(n * size, (n + 1) * size));
    return pictures;
  }
}

function countRight(logits: Tensor, labels: Ints): number {
  const [data, V] = [logits.data, classes.length];
  const predictions = Array.from(labels.data, (_, n) => {
    const row = data.subarray(n * V, (n + 1) * V);
    return row.indexOf(Math.max(...row));
  });
  return predictions.filter((prediction, n) => prediction === labels.data[n]).length;
}

/** Memory of a backend may move. */
const copy = ({ shape, data }: Weights): Weights => ({ shape, data: data.slice() });
