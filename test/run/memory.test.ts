import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { openBackend } from "../../src/node/backend.js";
import { hasAddon } from "../helpers/backends.js";
import { runSums, runText, runWords } from "../helpers/small-runs.js";

const skips = !hasAddon && process.env["SEQLOOM_REQUIRE_ALL"] !== "1";
const engines = [["native", skips] as const, ["wasm", false] as const];
const models = [
  ["seq2seq", (backend: Backend) => runSums(backend, { embeddingSize: 5, hiddenSize: 13 }, 8)],
  [
    "language-model",
    (backend: Backend) => runText(backend, { vocabSize: 41, embeddingSize: 11, hiddenSize: 11, dropout: 0.3 }, 4, 5),
  ],
] as const;

/** Pairs of any length, in batches of any length: 112 an epoch. */
const ragged = [
  ["attention", (backend: Backend) => runWords(backend, { embeddingSize: 5, hiddenSize: 14 }, 16), 2],
  [
    "all tied and plain",
    (backend: Backend) =>
      runWords(
        backend,
        { decoder: "plain", attentionalHidden: false, tieWeights: "all", embeddingSize: 14, hiddenSize: 14 },
        16,
      ),
    2,
  ],
  // A step that only the longest answers take has its second place for a state when they come the second time.
  [
    "input feeding",
    (backend: Backend) => runWords(backend, { embeddingSize: 5, hiddenSize: 14, inputFeeding: true }, 16),
    2 * 112,
  ],
] as const;

describe.each(engines)("%s: an epoch's first batch takes the memory that all need", (name, isSkipped) => {
  test.skipIf(isSkipped).each(ragged)("%s", async (_, make, before) => {
    const backend = await openBackend(name, { threads: 2 });
    const { train } = make(backend);
    await train(before);
    const { bytes } = backend.arena;
    await train(560 - before);
    expect(backend.arena.bytes).toBe(bytes);
    backend.close();
  });
});

describe.each(engines)("%s: no memory is taken after the second of 1,000 steps", (name, isSkipped) => {
  test.skipIf(isSkipped).each(models)("of the arena, by a %s", async (_, make) => {
    const backend = await openBackend(name, { threads: 2 });
    const { train } = make(backend);
    await train(2);
    const { bytes } = backend.arena;
    await train(998);
    expect(backend.arena.bytes).toBe(bytes);
    backend.close();
  });

  // In a process whose JavaScript heap is kept small: it alone goes up and down by some 2 MiB. A leak of 4 KiB in each
  // step would be seen.
  test.skipIf(isSkipped || process.platform === "win32").each(models)("of the system, by a %s", (kind) => {
    const script = fileURLToPath(new URL("../fixtures/memory.mjs", import.meta.url));
    const dist = new URL("../../dist/", import.meta.url).href;
    const flags = ["--expose-gc", "--max-semi-space-size=1"];
    const said = execFileSync(process.execPath, [...flags, script, dist, name, kind], { encoding: "utf8" });
    expect(Number(said)).toBeLessThan(4);
  });
});
