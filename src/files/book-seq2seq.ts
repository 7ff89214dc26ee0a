import type { Seq2SeqConfig } from "../models/seq2seq.js";
import type { BookModel } from "./book.js";
import { BookArrays, transposed } from "./book-arrays.js";
import type { PickleValue } from "./pickle.js";

const ARRAYS = 10;

/**
 * Imports the weights of the book's `Seq2seq`, `PeekySeq2seq` or `AttentionSeq2seq`: a list with the encoder's embedding
 * (V, D), Wx (D, 4H), Wh (H, 4H) and b (4H), the same arrays of the decoder, and its affine weight and bias (V).
 *
 * - plain: the decoder's Wx is (D, 4H), the affine weight (H, V)
 * - peeky: (H + D, 4H) and (2H, V), the rows of the encoder's last hidden state first
 * - attention: (D, 4H) and (2H, V), the rows of the attention context first
 *
 * Source: Saito 2018, sections 7.3, 7.4 and 8.2.
 * @param name of the file in errors
 * @param reverse true if the sources were reversed in training; the arrays do not say
 * @throws DataError for other arrays, or if their shapes do not fit together
 */
export function importBookSeq2Seq(
  name: string,
  value: PickleValue,
  { reverse }: { reverse: boolean },
): BookModel<Seq2SeqConfig> {
  const arrays = new BookArrays(name, value);
  if (arrays.count !== ARRAYS)
    throw arrays.error(`the ${ARRAYS} arrays of the book's encoder and decoder`, `${arrays.count}`);
  const embedding = arrays.take("embedding of the encoder", "V", "D");
  const [V = 0, D = 0] = embedding.shape;
  const [H = 0] = arrays.shapeOf(1);
  const isPeeky = arrays.shapeOf(4)[0] === H + D;
  const decoder = isPeeky ? "peeky" : arrays.shapeOf(7)[0] === 2 * H ? "attention" : "plain";
  const tensors = new Map([
    ["encoder.embedding.weight", embedding],
    ...arrays.takeLSTM("encoder.lstm", 0, "of the encoder", D, H),
    ["decoder.embedding.weight", arrays.take("embedding of the decoder", V, D)],
    ...arrays.takeLSTM("decoder.lstm", 0, "of the decoder", isPeeky ? H + D : D, H),
    ["decoder.linear.weight", transposed(arrays.take("affine weight", decoder === "plain" ? H : 2 * H, V))],
    ["decoder.linear.bias", arrays.take("affine bias", V)],
  ]);
  const sizes = { sourceVocabSize: V, targetVocabSize: V, embeddingSize: D, hiddenSize: H };
  return { config: { kind: "seq2seq", decoder, reverse, initCell: false, ...sizes }, tensors };
}
