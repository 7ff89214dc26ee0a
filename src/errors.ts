import { editDistance } from "./metrics/edit-distance.js";

/** What went wrong, in the user's words: `Where: expected WHAT, got WHAT.` */
export class SeqloomError extends Error {
  override readonly name: string = "SeqloomError";

  /** @param hint what to do about it */
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** A shape or a size that does not fit. */
export class ShapeError extends SeqloomError {
  override readonly name = "ShapeError";
}

/** Data, a text or a file that is not what it should be. */
export class DataError extends SeqloomError {
  override readonly name = "DataError";
}

/** An option out of its range, or a command that does not exist: the caller's mistake. */
export class OptionError extends SeqloomError {
  override readonly name = "OptionError";
}

/** Throws unless `shape` is `expected`, whose letters stand for any size. */
export function expectShape(where: string, shape: readonly number[], expected: readonly (number | string)[]): void {
  const fits =
    shape.length === expected.length && expected.every((size, i) => typeof size === "string" || size === shape[i]);
  if (!fits) throw new ShapeError(`${where}: expected shape (${expected.join(", ")}), got (${shape.join(", ")}).`);
}

/** The candidate nearest to a mistyped word by edit distance, or undefined where none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  return nearestFew(word, candidates, 1)[0];
}

/** Up to `count` candidates near a mistyped word, the nearest first. */
export function nearestFew(word: string, candidates: Iterable<string>, count: number): string[] {
  const most = Math.max(2, Math.floor(word.length / 2));
  return [...candidates]
    .filter((candidate) => Math.abs(candidate.length - word.length) <= most) // no other is near, and a word can be long
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}
