import type { Random } from "../engine/random.js";
import type { Sizes } from "./case.js";

/** Random prime sizes from half to one and a half of the given ones: no tile or vector width divides them. */
export function drawSizes(shape: Sizes, random: Random): Sizes {
  const drawn = Object.entries(shape).map(([letter, size]) => [
    letter,
    letter === "layers" ? size : near(size, random),
  ]);
  return Object.fromEntries(drawn);
}

function near(size: number, random: Random): number {
  const least = Math.max(2, Math.ceil(size / 2)); // by Bertrand's postulate a prime lies in the range
  const most = Math.max(least, Math.floor(1.5 * size));
  for (;;) {
    const drawn = least + random.below(most - least + 1);
    if (isPrime(drawn)) return drawn;
  }
}

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}
