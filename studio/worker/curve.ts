import type { Curve } from "../messages.js";

/** Points of a curve at most: what is longer has neighbours put together, so that a run of any length can be drawn. */
const MOST = 800;

/** A curve that grows: each of its points is the mean of as many updates. */
export class GrowingCurve {
  #xs: number[] = [];
  #ys: number[] = [];
  #width = 1;
  #sum = 0;
  #count = 0;

  add(x: number, y: number): void {
    this.#sum += y;
    this.#count++;
    if (this.#count < this.#width) return;
    this.#xs.push(x);
    this.#ys.push(this.#sum / this.#count);
    [this.#sum, this.#count] = [0, 0];
    if (this.#xs.length >= MOST) this.#halve();
  }

  get curve(): Curve {
    return { xs: [...this.#xs], ys: [...this.#ys] };
  }

  #halve(): void {
    const [xs, ys] = [this.#xs, this.#ys];
    this.#xs = xs.filter((_, i) => i % 2 === 1);
    this.#ys = this.#xs.map((_, i) => ((ys[2 * i] ?? 0) + (ys[2 * i + 1] ?? 0)) / 2);
    this.#width *= 2;
  }
}
