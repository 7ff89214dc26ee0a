import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { Arena } from "../engine/backend/arena.js";
import {
  type Backend,
  type BackendName,
  type BackendOptions,
  backendNames,
  type Precision,
  precisions,
} from "../engine/backend/backend.js";
import { bindKernels, type CompiledKernel } from "../engine/backend/bind.js";
import { openReference } from "../engine/backend/reference.js";
import { openWasm } from "../engine/backend/wasm.js";
import { MOST_THREADS, type StartedThread, type WasmThread } from "../engine/backend/wasm-thread.js";
import { OptionError, SeqloomError } from "../engine/errors.js";

type Opener = (options: NativeOptions) => Backend | Promise<Backend>;

const openers: Record<BackendName, Opener> = {
  native(options) {
    const backend = openNative(options);
    if (backend) return backend;
    throw new SeqloomError(`Native backend: expected ${addonPath()}, got no such file.`, "run npm run build");
  },
  wasm(options) {
    const file = new URL("kernels.wasm", kernelFolder);
    if (existsSync(file)) return openWasm(readFileSync(file), { ...options, startThread });
    throw new SeqloomError(`WebAssembly: expected ${fileURLToPath(file)}, got no such file.`, "run npm run build");
  },
  reference: openReference,
};

/** Opens a backend by name; by default the native one, or WebAssembly if this platform has no addon. */
export async function openBackend(name?: BackendName, options: BackendOptions = {}): Promise<Backend> {
  const { threads = availableParallelism(), precision = "float32" } = options;
  if (!Number.isInteger(threads) || threads < 1)
    throw new OptionError(`threads: expected an integer of at least 1, got ${JSON.stringify(threads)}.`);
  expectOneOf("precision", precision, precisions);
  if (name !== undefined) expectOneOf("backend", name, backendNames);
  const chosen = { threads: Math.min(threads, MOST_THREADS), precision };
  return name ? openers[name](chosen) : (openNative(chosen) ?? openers.wasm(chosen));
}

function expectOneOf(option: string, value: string, known: readonly string[]): void {
  if (!known.includes(value))
    throw new OptionError(`${option}: expected one of ${known.join(", ")}, got ${JSON.stringify(value)}.`);
}

/** The file is the same from src/node and from dist/node. */
const workerFile = new URL("../../dist/node/wasm-worker.js", import.meta.url);

function startThread(thread: WasmThread): StartedThread {
  const worker = new Worker(workerFile, { workerData: thread, name: `seqloom-${thread.self}` });
  const ready = once(worker, "message").then(() => worker.unref());
  return { ready, end: () => void worker.terminate() };
}

/** The addon's exports; see kernels/addon.c. */
interface Addon {
  open(bytes: number): ArrayBuffer;
  /** Commits the first bytes of the memory; only Windows needs it. */
  commit(buffer: ArrayBuffer, bytes: number): void;
  /** Sets the number of threads of the pool that all arenas share, the caller's included. */
  startThreads(threads: number): void;
  close(buffer: ArrayBuffer): void;
  call(buffer: ArrayBuffer, table: number, kernel: number, values: Float64Array): number;
  readonly instructionSets: readonly (string | null)[];
  readonly kernels: readonly string[];
}

export interface NativeOptions {
  readonly threads: number;
  readonly precision: Precision;
}

/** Address space for one arena: the largest external buffer that Node 20 accepts. */
const RESERVED = 2 ** 32;
/** Bytes to commit at a time on Windows. */
const COMMITTED = 2 ** 24;

/** The folder of kernels.wasm and the addons: the same from src/node and from dist/node. */
export const kernelFolder = new URL("../../dist/kernels/", import.meta.url);

/** The path of this platform's addon, which need not exist. */
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
 * `SEQLOOM_INSTRUCTION_SET` forces one of the sets of the processor, for tests and measurements.
 * @returns undefined if there is no addon for this platform
 */
export function openNative({ threads, precision }: NativeOptions): Backend | undefined {
  const path = addonPath();
  if (!existsSync(path)) return undefined;
  const addon = attempt(path, "an addon of seqloom", (): unknown => createRequire(import.meta.url)(path));
  if (!isAddon(addon)) throw new SeqloomError(`${path}: expected an addon of seqloom.`, "run npm run build");
  const table = chooseTable(addon.instructionSets, precision);
  const kernels = new Map(addon.kernels.map((name, i) => [name, i]));
  const buffer = attempt("Native backend", `${RESERVED / 2 ** 30} GiB of address space`, () => addon.open(RESERVED));
  let committed = 0;
  const grow = (bytes: number): void => {
    if (bytes <= committed) return;
    const needed = Math.ceil(bytes / COMMITTED) * COMMITTED;
    addon.commit(buffer, needed);
    committed = needed;
  };
  const arena = new Arena({ buffer, limit: RESERVED, start: 64, grow });
  addon.startThreads(threads);
  const slots = new Float64Array(64);
  const find = (name: string): CompiledKernel => {
    const kernel = kernels.get(name) ?? addon.kernels.length;
    return (values) => {
      slots.set(values);
      return addon.call(buffer, table, kernel, slots);
    };
  };
  return {
    name: "native",
    instructionSet: addon.instructionSets[table] ?? "",
    threads,
    precision,
    arena,
    kernels: bindKernels({ arena, find, threads, precision }),
    close: () => addon.close(buffer),
  };
}

/** Runs a system call and converts its failure to an error. */
function attempt<T>(where: string, what: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SeqloomError(
      `${where}: expected ${what}, got: ${reason}.`,
      "run npm run build, or set `backend` to wasm",
    );
  }
}

/** The index of the best set of the processor, or of the forced one; sets for bf16 end in -BF16. */
export function chooseTable(sets: readonly (string | null)[], precision: Precision): number {
  const known = sets.filter((set) => set !== null).filter((set) => set.endsWith("-BF16") === (precision === "bf16"));
  if (known.length === 0)
    throw new OptionError(
      "precision: expected a processor with AVX-512-BF16 for bf16, got one without.",
      "leave `precision` out to compute in float32",
    );
  const forced = process.env["SEQLOOM_INSTRUCTION_SET"];
  const chosen = forced ? known.find((set) => set === forced) : known[0];
  if (chosen !== undefined) return sets.indexOf(chosen);
  if (precision === "bf16")
    throw new OptionError(
      `SEQLOOM_INSTRUCTION_SET: expected ${known.join(", ")} for precision bf16, got "${forced}".`,
      "set only one of them",
    );
  throw new OptionError(`SEQLOOM_INSTRUCTION_SET: expected one of ${known.join(", ")}, got "${forced}".`);
}

function isAddon(value: unknown): value is Addon {
  return typeof value === "object" && value !== null && "call" in value && "instructionSets" in value;
}
