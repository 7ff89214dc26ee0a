import type { LanguageModelConfig } from "../models/language-model.js";
import { BookArrays, transposed } from "./book-arrays.js";
import type { NamedArray } from "./dtypes.js";
import type { PickleValue } from "./pickle.js";

/** A model of the book: the configuration and the weights of a seqloom model. */
export interface BookModel<Config> {
  readonly config: Config;
  readonly tensors: ReadonlyMap<string, NamedArray>;
}

/**
 * Imports the weights of the book's `Rnnlm` or `BetterRnnlm`: a list with the embedding (V, D), then Wx (D, 4H),
 * Wh (H, 4H) and b (4H) of each layer, then the affine weight (H, V) and bias (V). A tied model leaves out the affine
 * weight, or repeats the embedding there.
 *
 * Source: Saito 2018, sections 6.4 and 6.5.
 * @param name of the file in errors
 * @throws DataError for other arrays, or if their shapes do not fit together
 */
export function importBook(name: string, value: PickleValue): BookModel<LanguageModelConfig> {
  const arrays = new BookArrays(name, value);
  const embedding = arrays.take("embedding", "V", "D");
  const [V = 0, D = 0] = embedding.shape;
  const tensors = new Map<string, NamedArray>([["embedding.weight", embedding]]);
  let [layers, H] = [0, 0];
  for (; isLayer(arrays); layers++) {
    const input = layers === 0 ? D : H;
    if (layers === 0) [H = 0] = arrays.shapeOf(1);
    for (const [tensor, array] of arrays.takeLSTM("lstm", layers, `${layers + 1}`, input, H))
      tensors.set(tensor, array);
  }
  if (layers === 0) throw arrays.error("the arrays of an LSTM after the embedding", "others");
  const affine = arrays.count > 1 ? transposed(arrays.take("affine weight", H, V)) : undefined;
  const isTied = !affine || isSame(affine, embedding);
  if (!isTied) tensors.set("linear.weight", affine);
  tensors.set("linear.bias", arrays.take("affine bias", V));
  if (arrays.count > 0) throw arrays.error("no array after the affine bias", `${arrays.count}`);
  if (isTied && D !== H) throw arrays.error(`an embedding of the hidden size ${H} where it is tied`, `${D}`);
  const dropout = layers > 1 ? 0.5 : 0;
  const tieWeights = isTied ? ("output" as const) : ("none" as const);
  const config = { cell: "lstm" as const, layers, vocabSize: V, embeddingSize: D, hiddenSize: H, dropout, tieWeights };
  return { config: { kind: "language-model", ...config }, tensors };
}

/** True if the next two arrays are matrices with the same number of columns: Wx and Wh. */
function isLayer(arrays: BookArrays): boolean {
  const [wx, wh] = [arrays.shapeOf(0), arrays.shapeOf(1)];
  return wx.length === 2 && wh.length === 2 && wx[1] === wh[1];
}

/** The file of a tied model may repeat the embedding, transposed. */
function isSame({ shape, data }: NamedArray, embedding: NamedArray): boolean {
  return shape.join() === embedding.shape.join() && data.every((x, i) => x === embedding.data[i]);
}
