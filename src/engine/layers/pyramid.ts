import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { expectShape } from "../errors.js";
import type { Ints, Tensor } from "../tensor.js";
import type { Layer } from "./layer.js";
import { copyColumns } from "./layer.js";

/**
 * Pyramid layer: halves the number of steps by concatenating pairs, `ys[n, t] = [xs[n, 2t], xs[n, 2t + 1]]`.
 *
 * Input (N, T, D), output (N, ⌈T/2⌉, 2D); an odd length is padded with zeros. For an even T the output is a view of the
 * input. Source: Chan, Jaitly, Le & Vinyals 2016, section 3.1.
 */
export class Pyramid implements Layer {
  readonly params = [];
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  #shape: readonly number[] = [];

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
  }

  /** Returns ys and the halved lengths. @param lengths (N) valid steps of each sequence; xs must be 0 in the padding */
  forward(xs: Tensor, lengths?: Ints): { ys: Tensor; lengths: Ints | undefined } {
    expectShape("Pyramid.forward: xs", xs.shape, ["N", "T", "D"]);
    const [N = 0, T = 0, D = 0] = xs.shape;
    const pairs = Math.ceil(T / 2);
    this.#shape = xs.shape;
    let even = xs;
    if (T % 2 === 1) {
      even = this.#workspace.tensor("ys", [N, (T + 1) * D]);
      even.data.fill(0);
      copyColumns(this.#backend, { tensor: even }, { tensor: xs.as([N, T * D]) }, T * D);
    }
    const halved = this.#workspace.ints("lengths", [N]); // allocated in any case, since a later batch may have lengths
    if (lengths) halved.data.set(lengths.data.map((length) => Math.ceil(length / 2)));
    return { ys: even.as([N, pairs, 2 * D]), lengths: lengths && halved };
  }

  /** Sets dxs (returned). */
  backward(dys: Tensor): Tensor {
    const [N = 0, T = 0, D = 0] = this.#shape;
    expectShape("Pyramid.backward: dys", dys.shape, [N, Math.ceil(T / 2), 2 * D]);
    if (T % 2 === 0) return dys.as([N, T, D]);
    const dxs = this.#workspace.tensor("dxs", [N, T, D]);
    copyColumns(this.#backend, { tensor: dxs.as([N, T * D]) }, { tensor: dys.as([N, (T + 1) * D]) }, T * D);
    return dxs;
  }
}
