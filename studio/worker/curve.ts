import type { Curve, Evaluation } from "../messages.js";

/** Maximum number of points: longer curves average neighbours, so a run of any length can be drawn. */
const MOST = 800;

/** A growing curve: every point is the mean of the same number of steps. */
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

/** The evaluations of a run of any length: evenly spaced ones and the last. */
export class GrowingEvaluations {
  #list: Evaluation[] = [];
  #stride = 1;
  #seen = 0;

  add(evaluation: Evaluation): void {
    if (this.#seen % this.#stride !== 0) this.#list.pop(); // it was kept only as the last one
    this.#list.push(evaluation);
    if (++this.#seen % this.#stride !== 0 || this.#list.length < MOST) return;
    this.#list = this.#list.filter((_, i) => i % 2 === 1);
    this.#stride *= 2;
  }

  get list(): Evaluation[] {
    return [...this.#list];
  }

  get last(): Evaluation | undefined {
    return this.#list.at(-1);
  }
}
