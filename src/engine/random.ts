/**
 * Philox 4×32-10: four random 32-bit words from a counter and a key. The same function as in kernels/dropout.c.
 * Source: Salmon, Moraes, Dror & Shaw 2011.
 */
export function philox(counter: readonly [number, number, number, number], seed: number, stream: number): Words {
  let [a, b, c, d] = counter;
  let [k0, k1] = [seed | 0, stream | 0];
  for (let round = 0; round < 10; round++) {
    const [aHigh, aLow] = multiply(0xd2511f53, a);
    const [cHigh, cLow] = multiply(0xcd9e8d57, c);
    [a, b, c, d] = [cHigh ^ b ^ k0, cLow, aHigh ^ d ^ k1, aLow];
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  return [a >>> 0, b >>> 0, c >>> 0, d >>> 0];
}

type Words = [number, number, number, number];

/** Product of two 32-bit words, as its high and its low word. */
function multiply(x: number, y: number): [high: number, low: number] {
  const [x0, x1, y0, y1] = [x & 0xffff, x >>> 16, y & 0xffff, y >>> 16];
  const middle = x1 * y0 + Math.floor((x0 * y0) / 65536);
  const other = x0 * y1 + (middle % 65536);
  const high = x1 * y1 + Math.floor(middle / 65536) + Math.floor(other / 65536);
  return [high | 0, Math.imul(x, y)];
}

/**
 * A seeded random number generator with the same numbers on every machine. The streams of a seed are independent: the
 * shuffle of epoch 3, for example, does not depend on the draws before it.
 */
export class Random {
  #counter = 0;
  #words: number[] = [];

  /**
   * @param seed a 32-bit integer
   * @param stream a 32-bit integer. @default 0
   */
  constructor(
    readonly seed: number,
    readonly stream = 0,
  ) {}

  /** Draws an integer from 0 to 2³² − 1. */
  word(): number {
    const next = this.#words.pop();
    if (next !== undefined) return next;
    const counter = this.#counter++;
    this.#words = philox([counter >>> 0, Math.floor(counter / 2 ** 32), 1, 0], this.seed, this.stream).reverse();
    return this.word();
  }

  /** Draws from the uniform distribution on [0, 1), with 32 random bits. */
  uniform(): number {
    return this.word() / 2 ** 32;
  }

  /** Draws an integer from 0 to n − 1 uniformly; n is at most 2³². */
  below(n: number): number {
    const fair = 2 ** 32 - (2 ** 32 % n);
    let word = this.word();
    while (word >= fair) word = this.word();
    return word % n;
  }

  /** Draws from N(0, 1), the same bits in every JavaScript engine. Source: Box & Muller 1958. */
  normal(): number {
    const radius = Math.sqrt(-2 * log((this.word() + 1) / 2 ** 32));
    return radius * cosTurn(this.uniform());
  }

  /** Shuffles a list in place and returns it. Source: Fisher & Yates 1938. */
  shuffle<L extends { length: number; [i: number]: unknown }>(list: L): L {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
  }
}

/** Natural logarithm for 0 < x ≤ 1, as log m + e·log 2 with m in [√½, √2) and the series of atanh. */
function log(x: number): number {
  let [m, e] = [x, 0];
  while (m < Math.SQRT1_2) {
    m *= 2;
    e--;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let sum = 0;
  for (let k = 21; k >= 1; k -= 2) sum = sum * z + 1 / k;
  return 2 * s * sum + e * Math.LN2;
}

/** cos(2πu) for 0 ≤ u < 1, by Taylor series on an eighth of a turn. */
function cosTurn(u: number): number {
  const octant = Math.round(u * 4);
  const x = (u - octant / 4) * 2 * Math.PI;
  const z = x * x;
  const cos = 1 - (z / 2) * (1 - (z / 12) * (1 - (z / 30) * (1 - (z / 56) * (1 - (z / 90) * (1 - z / 132)))));
  const sin = x * (1 - (z / 6) * (1 - (z / 20) * (1 - (z / 42) * (1 - (z / 72) * (1 - (z / 110) * (1 - z / 156))))));
  return [cos, -sin, -cos, sin][octant % 4] ?? cos;
}
