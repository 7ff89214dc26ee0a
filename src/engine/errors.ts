import { editDistance } from "./edit-distance.js";

/** Base class of all errors that a user can fix. The message reads `Where: expected WHAT, got WHAT.` */
export class SeqloomError extends Error {
  override readonly name: string = "SeqloomError";

  /** @param hint a way to fix it, without a final period */
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** A tensor of another shape than expected, or a size out of range. */
export class ShapeError extends SeqloomError {
  override readonly name = "ShapeError";
}

/** Invalid data, text or file. */
export class DataError extends SeqloomError {
  override readonly name = "DataError";
}

/** An option out of range, or an unknown option or command. */
export class OptionError extends SeqloomError {
  override readonly name = "OptionError";
}

/** Checks a shape against `expected`, in which a letter matches any size. @throws ShapeError if they differ */
export function expectShape(where: string, shape: readonly number[], expected: readonly (number | string)[]): void {
  const fits =
    shape.length === expected.length && expected.every((size, i) => typeof size === "string" || size === shape[i]);
  if (!fits) throw new ShapeError(`${where}: expected shape (${expected.join(", ")}), got (${shape.join(", ")}).`);
}

/** The candidate nearest to a mistyped word by edit distance, or undefined if none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  return nearestFew(word, candidates, 1)[0];
}

/** Up to `count` candidates near a mistyped word, the nearest first. */
export function nearestFew(word: string, candidates: Iterable<string>, count: number): string[] {
  const limit = Math.max(2, Math.floor(word.length / 2));
  return [...candidates]
    .filter((candidate) => Math.abs(candidate.length - word.length) <= limit) // cheap test first: a word can be long
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/** A text as an error shows it: in quotes, cut after 40 characters, control characters written as \u001b. */
export function quote(text: string): string {
  const characters = [...text.slice(0, 100)];
  const shown = characters.slice(0, 40).join("");
  const escaped = shown.replace(/\p{Cc}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `"${escaped}${shown.length < text.length ? "…" : ""}"`;
}

const LONGEST_PATH = 4096;

/** A file's name as an error shows it: in quotes where it has what cannot be seen, or is longer than a path may be. */
export function showName(name: string): string {
  return /^\s|\s$|\p{Cc}|\uFFFD/u.test(name) || name.length > LONGEST_PATH ? quote(name) : name;
}
