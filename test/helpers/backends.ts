import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, beforeAll, describe } from "vitest";
import * as z from "zod/mini";
import type { Backend, Precision } from "../../src/engine/backend/backend.js";
import { addonPath, openBackend, openNative } from "../../src/node/backend.js";

export interface BackendRow {
  /** "reference", "wasm" or "native AVX2". */
  readonly name: string;
  readonly open: () => Promise<Backend>;
}

const requireAll = process.env["SEQLOOM_REQUIRE_ALL"] === "1";

/** True where the addon of this platform was built. */
export const hasAddon = existsSync(addonPath());

/** Best first: what the processor has of the addon's instruction sets, or what an addon would hold if there were one. */
export const instructionSets: readonly string[] = hasAddon
  ? setsOfAddon().filter((set) => !set.endsWith("-BF16"))
  : process.arch === "arm64"
    ? ["NEON"]
    : ["AVX-512", "AVX2", "SSE4.2"];

/** The set with products of bfloat16. */
export const BF16 = "AVX-512-BF16";
export const hasBF16 = hasAddon && setsOfAddon().includes(BF16);

const native = instructionSets.map((set) => ({ name: `native ${set}`, open: async () => openNativeWith(set) }));
const skipsNative = !hasAddon && !requireAll;

/** For `describe.each`: the reference, WebAssembly, and the native backend once for each instruction set. */
export const backends: readonly BackendRow[] = [
  { name: "reference", open: () => openBackend("reference") },
  { name: "wasm", open: () => openBackend("wasm", { threads: 1 }) },
  ...(skipsNative ? [] : native),
];

/** What has no addon here, and is skipped by name; SEQLOOM_REQUIRE_ALL=1 lets it fail instead. */
export const missingBackends: readonly BackendRow[] = skipsNative ? native : [];

const bf16 = { name: `native ${BF16}`, open: async () => openNativeWith(BF16) };
const skipsBF16 = !hasBF16; // a processor is nothing that CI could install

/** Those whose products are of bfloat16: the processor's, and the reference's. */
export const bf16Backends: readonly BackendRow[] = [
  { name: "reference bf16", open: () => openBackend("reference", { precision: "bf16" }) },
  ...(skipsBF16 ? [] : [bf16]),
];
export const missingBF16: readonly BackendRow[] = skipsBF16 ? [bf16] : [];

/** Those with weights of int8: the addon's sets without bfloat16, WebAssembly, and the reference first. */
export const int8Backends: readonly BackendRow[] = [
  { name: "reference int8", open: () => openBackend("reference", { precision: "int8" }) },
  { name: "wasm int8", open: () => openBackend("wasm", { threads: 1, precision: "int8" }) },
  ...(skipsNative ? [] : instructionSets).map((set) => ({
    name: `native ${set} int8`,
    open: async () => openNativeWith(set, 1, "int8"),
  })),
];

/** Instruction sets with fused multiply-add, which promise the same bits. */
export const fusedBackends = backends.filter(({ name }) => name === "native AVX-512" || name === "native AVX2");

/** `describe.each(backends)` with a backend opened for each, and a visible skip for each that is missing. */
export function describeBackends(body: Body): void {
  describeRows(body, backends, missingBackends);
}

/** The same for what must hold with products of bfloat16 as well. */
export function describeBackendsAndBF16(body: Body): void {
  describeRows(body, [...backends, ...bf16Backends], [...missingBackends, ...missingBF16]);
}

type Body = (backend: () => Backend, row: BackendRow) => void;

export function describeRows(body: Body, rows: readonly BackendRow[], missing: readonly BackendRow[]): void {
  describe.each(named(rows))("%s", (_, row) => {
    let backend: Backend | undefined;
    beforeAll(async () => {
      backend = await row.open();
    });
    afterAll(() => backend?.close());
    body(() => {
      if (!backend) throw new Error(`expected ${row.name} to be open`);
      return backend;
    }, row);
  });
  describe.skip.each(named(missing))("%s", (_, row) => {
    body(() => {
      throw new Error(`expected ${addonPath()}`);
    }, row);
  });
}

const named = (rows: readonly BackendRow[]) => rows.map((row) => [row.name, row] as const);

/** Opens the native backend with one of the instruction sets that the processor has. */
export function openNativeWith(
  set: string,
  threads = 1,
  precision: Precision = set === BF16 ? "bf16" : "float32",
): Backend {
  const before = process.env["SEQLOOM_INSTRUCTION_SET"];
  process.env["SEQLOOM_INSTRUCTION_SET"] = set;
  try {
    const backend = openNative({ threads, precision });
    if (!backend) throw new Error(`expected ${addonPath()}, got no such file. Hint: node kernels/build.mjs`);
    return backend;
  } finally {
    if (before === undefined) delete process.env["SEQLOOM_INSTRUCTION_SET"];
    else process.env["SEQLOOM_INSTRUCTION_SET"] = before;
  }
}

function setsOfAddon(): string[] {
  const addon: unknown = createRequire(import.meta.url)(addonPath());
  const { instructionSets: sets } = z.parse(z.object({ instructionSets: z.array(z.nullable(z.string())) }), addon);
  return sets.filter((set) => set !== null);
}
