import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PairData } from "../../src/tasks/pairs/pairs.js";
import { FixedPairs } from "../../src/tasks/pairs/text-codec.js";

const { SEQLOOM_DATA, SEQLOOM_REQUIRE_ALL } = process.env;

const pathOf = (name: string): string => join(SEQLOOM_DATA ?? "", name);

/** For `test.skipIf`: true where $SEQLOOM_DATA lacks one of these files, unless `SEQLOOM_REQUIRE_ALL=1` forbids skipping. */
export function skipWithoutData(...names: string[]): boolean {
  const isThere = SEQLOOM_DATA !== undefined && names.every((name) => existsSync(pathOf(name)));
  return !isThere && SEQLOOM_REQUIRE_ALL !== "1";
}

/** A file of the real data. */
export function readData(name: string): Uint8Array {
  if (SEQLOOM_DATA === undefined) throw new Error(`${name}: expected $SEQLOOM_DATA to name its folder, got nothing.`);
  return readFileSync(pathOf(name));
}

/** The tokenizer of data in the book's form. */
export function fixedPairsOf({ tokenizer }: PairData): FixedPairs {
  if (tokenizer instanceof FixedPairs) return tokenizer;
  throw new Error("expected pairs of fixed width");
}
