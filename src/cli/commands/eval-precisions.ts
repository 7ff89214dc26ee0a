import type { Backend } from "../../engine/backend/backend.js";
import { loadModel } from "../../node/model-files.js";
import type { SavedModel } from "../../tasks/model-kinds.js";
import type { Session } from "../session.js";

/** A model on a backend. */
export interface Loaded {
  readonly backend: Backend;
  readonly saved: SavedModel;
}

/** A model in the requested precision, and also in float32 for comparison if that is another one. */
export interface Models {
  readonly asked: Loaded;
  readonly exact?: Loaded;
}

export async function loadInPrecisions({ open }: Pick<Session<never>, "open">, path: string): Promise<Models> {
  const load = (backend: Backend): Loaded => ({ backend, saved: loadModel(path, backend) });
  const asked = load(await open());
  return asked.backend.precision === "float32" ? { asked } : { asked, exact: load(await open("float32")) };
}

/** The cost of a precision: the relative change in perplexity against float32; nothing for float32 itself. */
export function changeOf(perplexity = Number.NaN, exact?: { perplexity?: number | undefined }) {
  if (exact?.perplexity === undefined) return undefined;
  return { float32Perplexity: exact.perplexity, perplexityChange: perplexity / exact.perplexity - 1 };
}

export function wordsOf(change: ReturnType<typeof changeOf>, digits: number): string {
  if (!change) return "";
  const share = 100 * change.perplexityChange;
  return ` (${share < 0 ? "" : "+"}${share.toFixed(3)} % against ${change.float32Perplexity.toFixed(digits)} in float32)`;
}
