import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Arena } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { bindKernels } from "../backend/bind.js";
import { OptionError, SeqloomError } from "../errors.js";

/** The addon's exports; see kernels/addon.c. */
interface Addon {
  open(bytes: number): ArrayBuffer;
  commit(buffer: ArrayBuffer, bytes: number): void;
  close(buffer: ArrayBuffer): void;
  call(buffer: ArrayBuffer, table: number, kernel: number, values: Float64Array): number;
  readonly instructionSets: readonly (string | null)[];
  readonly kernels: readonly string[];
}

/** Address space for one arena: the largest external buffer that Node 20 accepts. */
const RESERVED = 2 ** 32;
/** Bytes that Windows is asked to commit at a time. */
const COMMITTED = 2 ** 24;

/** The folder of kernels.wasm and the addons: the same from src/node and from dist/node. */
export const kernelFolder = new URL("../../dist/kernels/", import.meta.url);

/** The file of this platform's addon, whether it exists or not. */
export function addonPath(): string {
  const libc = process.platform === "linux" ? (isGlibc() ? "-gnu" : "-musl") : "";
  return fileURLToPath(new URL(`${process.platform}-${process.arch}${libc}.node`, kernelFolder));
}

function isGlibc(): boolean {
  const report: unknown = process.report.getReport();
  const header = typeof report === "object" && report !== null && "header" in report ? report.header : undefined;
  return typeof header === "object" && header !== null && "glibcVersionRuntime" in header;
}

/**
 * Opens the native backend.
 * `SEQLOOM_INSTRUCTION_SET` forces one of the sets that the processor has, for tests and measurements.
 * @returns undefined where there is no addon for this platform
 */
export function openNative(): Backend | undefined {
  const path = addonPath();
  if (!existsSync(path)) return undefined;
  const addon: unknown = createRequire(import.meta.url)(path);
  if (!isAddon(addon)) throw new SeqloomError(`${path}: expected an addon of seqloom.`, "run npm run build");
  const table = chooseTable(addon.instructionSets);
  const kernels = new Map(addon.kernels.map((name, i) => [name, i]));
  const buffer = addon.open(RESERVED);
  let committed = 0;
  const grow = (bytes: number): void => {
    if (bytes <= committed) return;
    const needed = Math.ceil(bytes / COMMITTED) * COMMITTED;
    addon.commit(buffer, needed);
    committed = needed;
  };
  const arena = new Arena({ buffer, limit: RESERVED, start: 64, grow });
  const slots = new Float64Array(64);
  const run = (name: string, values: readonly number[]): number => {
    slots.set(values);
    return addon.call(buffer, table, kernels.get(name) ?? addon.kernels.length, slots);
  };
  return {
    name: "native",
    instructionSet: addon.instructionSets[table] ?? "",
    threads: 1,
    arena,
    kernels: bindKernels(arena, run, 1),
    close: () => addon.close(buffer),
  };
}

function chooseTable(sets: readonly (string | null)[]): number {
  const forced = process.env["SEQLOOM_INSTRUCTION_SET"];
  const table = sets.findIndex((set) => set !== null && (!forced || set === forced));
  if (table >= 0) return table;
  const known = sets.filter((set) => set !== null).join(", ");
  throw new OptionError(`SEQLOOM_INSTRUCTION_SET: expected one of ${known}, got "${forced}".`);
}

function isAddon(value: unknown): value is Addon {
  return typeof value === "object" && value !== null && "call" in value && "instructionSets" in value;
}
