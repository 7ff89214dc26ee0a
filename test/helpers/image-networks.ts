import { OnnxWriter, type Weights } from "./onnx.js";

/** Random weights of about the size that keeps a signal's strength through ReLUs (He et al. 2015). */
function draw(shape: readonly number[], seed: number): Weights {
  const count = shape.reduce((product, size) => product * size, 1);
  const limit = Math.sqrt(6 / (count / (shape[0] ?? 1)));
  let state = seed * 2 + 1;
  const data = Float32Array.from({ length: count }, () => {
    state = Math.imul(state, 0x915f77f5) + 0x9e3779b9;
    return ((state >>> 8) / 2 ** 23 - 1) * limit;
  });
  return { shape, data };
}

const fill = (size: number, value: number): Weights => ({ shape: [size], data: new Float32Array(size).fill(value) });

/**
 * A network in the shape of ResNet-18 (He et al. 2016) with random weights: 11.7 million, for pictures of 224 × 224 pixels.
 * Its outputs are `logits` (N, 1000); `features` (N, 512) and `grid` (N, 512, 7, 7) are on the way.
 */
export function resNet18(): Uint8Array {
  const net = new OnnxWriter("picture", ["N", 3, 224, 224]);
  let seed = 0;
  const convolve = (x: string, from: number, to: number, K: number, stride: number): string => {
    const conv = net.conv(x, draw([to, from, K, K], ++seed), { stride, pad: (K - 1) / 2 });
    const [one, zero] = [fill(to, 1), fill(to, 0)];
    return net.add("BatchNormalization", [conv, ...[one, zero, zero, one].map((each) => net.weights(each))]);
  };
  const block = (x: string, from: number, to: number, stride: number, name?: string): string => {
    const inside = net.add("Relu", [convolve(x, from, to, 3, stride)]);
    const along = from === to ? x : convolve(x, from, to, 1, stride);
    return net.add("Relu", [net.add("Add", [convolve(inside, to, to, 3, 1), along])], {}, name);
  };
  let x = net.maxPool(net.add("Relu", [convolve("picture", 3, 64, 7, 2)]), 3, 2, 1);
  x = block(block(x, 64, 64, 1), 64, 64, 1);
  x = block(block(x, 64, 128, 2), 128, 128, 1);
  x = block(block(x, 128, 256, 2), 256, 256, 1);
  x = block(block(x, 256, 512, 2), 512, 512, 1, "grid");
  const features = net.add("Flatten", [net.add("GlobalAveragePool", [x])], {}, "features");
  const last = [draw([1000, 512], ++seed), fill(1000, 0)].map((each) => net.weights(each));
  return net.finish([net.add("Gemm", [features, ...last], { transB: 1 }, "logits")]);
}

/**
 * A network in the shape of the features of VGG-16 (Simonyan & Zisserman 2015) with random weights: 14.7 million, for
 * pictures of any size. Its output is `features` (N, 512, Y / 32, X / 32).
 */
export function vgg16Features(): Uint8Array {
  const net = new OnnxWriter("picture", ["N", 3, "Y", "X"]);
  const stages: readonly (readonly number[])[] = [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ];
  let [x, from, seed] = ["picture", 3, 100];
  for (const [i, stage] of stages.entries()) {
    for (const to of stage) {
      x = net.add("Relu", [net.conv(x, draw([to, from, 3, 3], ++seed), { bias: fill(to, 0), pad: 1 })]);
      from = to;
    }
    const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
    x = net.add("MaxPool", [x], attributes, i === stages.length - 1 ? "features" : undefined);
  }
  return net.finish([x]);
}
