import { describe, expect, test } from "vitest";
import { greedy } from "../../src/decode/answer.js";
import type { Backend } from "../../src/engine/backend/backend.js";
import { openMeta } from "../../src/engine/backend/meta.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { OptionError, ShapeError } from "../../src/engine/errors.js";
import { Random } from "../../src/engine/random.js";
import { Captioner } from "../../src/models/captioner.js";
import { describeBackends } from "../helpers/backends.js";
import {
  type Captioned,
  captionBatch,
  captionerConfig,
  captionerKinds,
  drawCaptioned,
  makeCaptioner,
} from "../helpers/caption-models.js";
import { expectSameBits } from "../helpers/close.js";
import { expectError } from "../helpers/errors.js";
import { intsOf } from "../helpers/fixtures.js";

// PyTorch's numbers are compared in pytorch.test.ts, gradients with differences in captioner-gradients.test.ts.
const LENGTHS = [3, 5, 2, 5];
const captioned = drawCaptioned(new Random(2), LENGTHS);
const V = 9;

const only = ({ pictures, targets }: Captioned, n: number): Captioned => ({
  ...{ pictures: pictures.slice(n, n + 1), targets: targets.slice(n, n + 1) },
});

/** Greedy answers of six tokens, and what each step looked at. */
function answersOf(backend: Backend, model: Captioner, all: Captioned) {
  const encoded = model.encode(captionBatch(backend, all).source);
  const answers = greedy(backend, model, encoded, { start: 0, end: undefined, length: 6 });
  return { answers, looked: model.attention?.data.slice() };
}

describeBackends((backend) => {
  describe.each(captionerKinds)("%s", (_, given) => {
    test("a picture alone and within a batch: the same answer, score, attention and losses, bit for bit", () => {
      const model = makeCaptioner(backend(), given, { scale: 2 });
      const { answers, looked } = answersOf(backend(), model, captioned);
      const losses = model.losses(captionBatch(backend(), captioned)).slice();
      expect(new Set(answers.map(({ score }) => score)).size).toBe(LENGTHS.length);
      for (const [n, length] of LENGTHS.entries()) {
        const own = answersOf(backend(), model, only(captioned, n));
        expect(own.answers[0]).toEqual(answers[n]);
        if (own.looked) expectSameBits("attention", own.looked, looked?.slice(n * 6, (n + 1) * 6)); // 2 × 3 places
        const alone = model.losses(captionBatch(backend(), only(captioned, n)));
        expectSameBits("losses", losses.slice(n * 4, n * 4 + length - 1), alone);
        expect([...losses.slice(n * 4 + length - 1, (n + 1) * 4)]).toEqual(new Array(5 - length).fill(0));
      }
    });

    test("more padding of the captions changes no bit of loss and gradients, whatever ids stand in it", () => {
      const model = makeCaptioner(backend(), given);
      const learn = (batch: ReturnType<typeof captionBatch>) => {
        for (const { grad } of model.params) grad.data.fill(0);
        const loss = model.forward(batch);
        model.backward();
        return { loss, bias: model.params.at(-1)?.grad.data.slice() };
      };
      const before = learn(captionBatch(backend(), captioned));
      for (const id of [0, 5]) {
        const after = learn(captionBatch(backend(), captioned, { more: 2, id }));
        expect(after.loss).toBe(before.loss);
        expectSameBits("gradient", after.bias, before.bias);
      }
    });

    test("four steps at once are four single ones, and beams give each row what it gives alone", () => {
      const model = makeCaptioner(backend(), given);
      const { source } = captionBatch(backend(), captioned);
      const N = LENGTHS.length;
      const ids = Array.from({ length: N * 4 }, (_id, i) => (5 * i) % V);
      const logits = (B: number, from: number, to: number) => {
        const data = Array.from({ length: N * B }, (_row, r) =>
          ids.slice(Math.floor(r / B) * 4).slice(from, to),
        ).flat();
        return model.step(intsOf(backend(), { shape: [N * B, to - from], data })).data.slice();
      };
      const encoded = model.encode(source);
      model.start(encoded);
      const whole = logits(1, 0, 4);
      const rowOf = (n: number, t: number) => whole.slice((n * 4 + t) * V, (n * 4 + t + 1) * V);
      for (const B of [1, 3]) {
        model.start(encoded, B);
        for (let t = 0; t < 4; t++) {
          const step = logits(B, t, t + 1);
          for (let r = 0; r < N * B; r++)
            expectSameBits(`row ${r}, step ${t}`, step.slice(r * V, (r + 1) * V), rowOf(Math.floor(r / B), t));
        }
      }
    });
  });
});

describe("what does not fit is refused", () => {
  const seen = "the output layer shares its weight with the embedding, so its input must have the embedding size";

  test.each([
    [
      { blocks: [3, 4, 5] },
      "blocks: expected at most 2 for pictures of 6 × 4, got 3.",
      "each block halves height and width",
    ],
    [
      { tieWeights: "all" },
      "tieWeights: expected none or output, got all.",
      "a picture has no tokens to share an embedding with",
    ],
    [{ tieWeights: "output" }, "tieWeights: expected embeddingSize equal to hiddenSize, got 5 and 7.", seen],
    [
      { attentionalHidden: true },
      "attentionalHidden: expected decoder attention, got plain.",
      "it combines attention and hidden state",
    ],
  ] as const)("%o", (given, message, hint) => {
    const config = { ...captionerConfig(), ...given };
    for (const backend of [openReference(), openMeta()])
      expectError(OptionError, () => new Captioner(backend, config), `Captioner: ${message}`, hint);
  });

  test("ids, and pictures of another size", () => {
    const backend = openReference();
    const model = makeCaptioner(backend);
    const { target, targetLengths } = captionBatch(backend, captioned);
    const learn = (source: Parameters<typeof model.encode>[0]) => () =>
      model.forward({ source, target, targetLengths });
    expectError(ShapeError, learn(target), "PictureEncoder.forward: expected pictures, got ids.");
    const wrong = backend.arena.tensor([4, 6, 4, 2]);
    const message = "PictureEncoder.forward: pictures: expected shape (N, 4, 6, 2), got (4, 6, 4, 2).";
    expectError(ShapeError, learn(wrong), message);
  });
});

test("a picture of 1 × 1 is a vector, such as the scores of another network", () => {
  const backend = openReference();
  const vector = { height: 1, width: 1, channels: 48, blocks: [] };
  const model = makeCaptioner(backend, vector);
  const grid = makeCaptioner(backend, { blocks: [] });
  const loss = (of: Captioner, shape: readonly number[]) => of.forward(captionBatch(backend, captioned, { shape }));
  expect(loss(model, [1, 1, 48])).toBe(loss(grid, [4, 6, 2])); // flattened they are the same
});

test("a model of a task has its pictures and its vocabulary", () => {
  const tokenizer = { source: { picture: { height: 16, width: 24, channels: 1 } }, target: { size: 11 } };
  const { config, params } = Captioner.for(openMeta(), { tokenizer }, { blocks: [3, 5], hiddenSize: 7 });
  expect(config).toMatchObject({
    ...tokenizer.source.picture,
    targetVocabSize: 11,
    embeddingSize: 64,
    first: "states",
  });
  const shapes = Object.fromEntries(params.map(({ name, value }) => [name, value.shape]));
  expect(shapes).toMatchObject({
    "encoder.conv.0.weight": [3, 1, 3, 3],
    "encoder.conv.1.weight": [5, 3, 3, 3],
    "encoder.linear.weight": [7, 4 * 6 * 5],
    "decoder.linear.weight": [11, 7],
  });
});
