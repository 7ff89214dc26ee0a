import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/engine/backend/backend.js";
import { openWasm } from "../../../src/engine/backend/wasm.js";
import { SeqloomError } from "../../../src/engine/errors.js";
import { Seq2Seq } from "../../../src/models/seq2seq.js";
import { kernelFolder } from "../../../src/node/backend.js";
import { Desk, draw } from "../../helpers/desk.js";

const MiB = 2 ** 20;
let backend: Backend;

beforeEach(async () => {
  backend = await openWasm(readFileSync(new URL("kernels.wasm", kernelFolder)));
});

describe("memory", () => {
  test("grows without losing data, and tensors see all of it", () => {
    const { arena, kernels } = backend;
    const xs = arena.tensor([1000]);
    const values = draw(new Desk(backend, 1).random, 1000);
    xs.data.set(values);
    const pages = arena.buffer.byteLength;
    const large = arena.tensor([(40 * MiB) / 4]);
    large.data.fill(1);
    expect(arena.buffer.byteLength).toBeGreaterThan(pages);
    expect(xs.data).toEqual(values);
    kernels.accumulate({ ys: xs }, { xs }, { R: 1000 });
    expect(xs.data).toEqual(values.map((x) => 2 * x));
    expect(large.data.at(-1)).toBe(1);
  });

  test("grows while a kernel asks for scratch", () => {
    const { arena, kernels } = backend;
    const desk = new Desk(backend, 1, 64);
    const [N, T, D, C, O] = [4096, 1, 1, 1, 1024];
    const [ys, xs, context] = [arena.tensor([N, T, O]), desk.filled([N, T, D], 2), desk.filled([N, C], 3)];
    const [weight, before] = [desk.filled([O, C + D], 1), arena.buffer.byteLength];
    kernels.linearForward({ ys }, { xs, context, weight }, { N, T, D, C, O });
    expect(arena.buffer.byteLength).toBeGreaterThan(before);
    expect(ys.data.every((y) => y === 5)).toBe(true);
  });

  test("a tensor that is too large is refused with the sizes, and what was there stays", () => {
    const small = backend.arena.tensor([4]);
    small.data.fill(3);
    const { bytes } = backend.arena;
    const message =
      /^Memory: expected at most 1024 MiB, the limit of this backend, got a model that needs 102[45] MiB or more\.$/;
    expect(() => backend.arena.tensor([MiB, 256])).toThrow(message);
    expect(backend.arena.bytes).toBe(bytes);
    expect([...small.data]).toEqual([3, 3, 3, 3]);
    expect([...backend.arena.tensor([2]).data]).toEqual([0, 0]);
  });

  test("a model that is too large is refused with the sizes and a hint", () => {
    const config = { kind: "seq2seq", decoder: "plain", reverse: false, initCell: true } as const;
    const sizes = { sourceVocabSize: 3_000_000, targetVocabSize: 100, embeddingSize: 100, hiddenSize: 100 };
    const error = caught(() => new Seq2Seq(backend, { ...config, ...sizes }));
    expect(error.message).toMatch(/expected at most 1024 MiB, .* got a model that needs 114\d MiB or more/);
    expect(error.hint).toBe("choose a smaller model, vocabulary or batch");
  });
});

test("a closed backend says so", () => {
  const [ys, xs] = [backend.arena.tensor([3]), backend.arena.tensor([3])];
  backend.close();
  expect(() => backend.kernels.accumulate({ ys }, { xs }, { R: 3 })).toThrow("the backend is closed");
  const weight = backend.arena.tensor([1]);
  expect(() => backend.kernels.linearForward({ ys }, { xs, weight }, { N: 1, T: 3, D: 1, C: 0, O: 1 })).toThrow(
    "the backend is closed",
  );
});

test("a module that is not ours is refused", async () => {
  await expect(openWasm(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))).rejects.toThrow(
    "WebAssembly: expected the kernels of seqloom, got another module.",
  );
});

test("bytes that are no WebAssembly are refused with a hint", async () => {
  const opening = openWasm(new Uint8Array([1, 2, 3, 4]));
  await expect(opening).rejects.toThrow(/^WebAssembly: expected an engine with SIMD and threads, got: /);
  await expect(opening).rejects.toMatchObject({
    hint: "use a browser from 2023 or later, or Node 20 or later; if you do, kernels.wasm is damaged: build it again",
  });
});

function caught(run: () => unknown): SeqloomError {
  try {
    run();
  } catch (error) {
    if (error instanceof SeqloomError) return error;
    throw error;
  }
  throw new Error("expected an error, got none");
}
