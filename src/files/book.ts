import { DataError } from "../errors.js";
import type { LanguageModelConfig } from "../models/language-model.js";
import { NumpyArray } from "./numpy-array.js";
import type { PickleValue } from "./pickle.js";
import type { NamedArray } from "./safetensors.js";

/** A model of the book in our terms. */
export interface BookModel {
  readonly config: LanguageModelConfig;
  readonly tensors: ReadonlyMap<string, NamedArray>;
}

/**
 * The weights of the book's `Rnnlm` or `BetterRnnlm`: a list of arrays, embedding (V, D), then Wx (D, 4H), Wh (H, 4H) and
 * b (4H) for each layer, then the affine weight (H, V), which a tied model leaves out or repeats, and its bias (V).
 *
 * The book multiplies from the left and orders its gates f, g, i, o; we transpose, and order them i, f, g, o.
 * Source: Saito 2018, sections 6.4 and 6.5.
 * @throws DataError where the arrays are others, or their shapes do not fit together
 */
export function importBook(name: string, value: PickleValue): BookModel {
  const arrays = Array.isArray(value) ? value.filter((item) => item instanceof NumpyArray) : [];
  if (!Array.isArray(value) || arrays.length !== value.length || arrays.length < 5)
    throw new DataError(`${name}: expected the list of arrays that the book's save_params writes, got something else.`);
  const take = (what: string, ...shape: (number | string)[]): NumpyArray => {
    const array = arrays.shift();
    if (array && !array.data.every(Number.isFinite))
      throw new DataError(`${name}: ${what}: expected finite numbers, got others among them.`);
    if (
      array &&
      array.shape.length === shape.length &&
      shape.every((n, i) => typeof n === "string" || n === array.shape[i])
    )
      return array;
    throw new DataError(
      `${name}: ${what}: expected shape (${shape.join(", ")}), got ${array ? `(${array.shape.join(", ")})` : "no array"}.`,
    );
  };
  const tensors = new Map<string, NamedArray>();
  const embedding = take("embedding", "V", "D");
  const [V = 0, D = 0] = embedding.shape;
  tensors.set("embedding.weight", embedding);
  let [layers, H] = [0, 0];
  while (
    arrays[0]?.shape.length === 2 &&
    arrays[1]?.shape.length === 2 &&
    (arrays[0].shape[1] ?? 0) === (arrays[1].shape[1] ?? 0)
  ) {
    const input = layers === 0 ? D : H;
    if (layers === 0) H = arrays[1].shape[0] ?? 0;
    tensors.set(`lstm.weight_ih_l${layers}`, gates(take(`Wx ${layers + 1}`, input, 4 * H), H));
    tensors.set(`lstm.weight_hh_l${layers}`, gates(take(`Wh ${layers + 1}`, H, 4 * H), H));
    tensors.set(`lstm.bias_l${layers}`, gates(take(`b ${layers + 1}`, 4 * H), H));
    layers++;
  }
  if (layers === 0) throw new DataError(`${name}: expected the arrays of an LSTM after the embedding, got others.`);
  const tied = arrays.length === 1 || isTransposed(arrays[0], embedding);
  if (arrays.length > 1) {
    const affine = take("affine weight", H, V);
    if (!tied) tensors.set("linear.weight", transposed(affine));
  }
  tensors.set("linear.bias", take("affine bias", V));
  if (arrays.length > 0) throw new DataError(`${name}: expected no array after the affine bias, got ${arrays.length}.`);
  if (tied && D !== H)
    throw new DataError(`${name}: expected an embedding of the hidden size ${H} where it is tied, got ${D}.`);
  const dropout = layers > 1 ? 0.5 : 0;
  const config = { cell: "lstm" as const, layers, vocabulary: V, embedding: D, hidden: H, dropout, tied };
  return { config: { kind: "language-model", ...config }, tensors };
}

/** From columns f | g | i | o to rows i | f | g | o. */
function gates(array: NumpyArray, H: number): NamedArray {
  const rows = array.shape.length === 1 ? array : transposed(array);
  const width = rows.data.length / (4 * H);
  const data = new Float32Array(rows.data.length);
  for (const [to, from] of [2, 0, 1, 3].entries())
    data.set(rows.data.subarray(from * H * width, (from + 1) * H * width), to * H * width);
  return { shape: rows.shape, data };
}

function transposed({ shape: [R = 0, C = 0], data }: NumpyArray | NamedArray): NamedArray {
  const turned = new Float32Array(data.length);
  for (let r = 0; r < R; r++) for (let c = 0; c < C; c++) turned[c * R + r] = data[r * C + c] ?? 0;
  return { shape: [C, R], data: turned };
}

/** A tied model's file may hold the embedding again, turned. */
function isTransposed(array: NumpyArray | undefined, embedding: NumpyArray): boolean {
  if (array?.shape.length !== 2) return false;
  const turned = transposed(array);
  return turned.shape.join() === embedding.shape.join() && turned.data.every((x, i) => x === embedding.data[i]);
}
