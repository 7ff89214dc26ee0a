import { OptionError } from "../engine/errors.js";
import type { DecoderConfig } from "./encoder-decoder.js";

/** Throws unless it holds. */
export type Expect = (holds: boolean, option: string, expected: string, got: unknown, hint: string) => void;

/** @param where whose options they are */
export const expecting =
  (where: string): Expect =>
  (holds, option, expected, got, hint) => {
    if (!holds) throw new OptionError(`${where}: ${option}: expected ${expected}, got ${got}.`, hint);
  };

/** @throws OptionError for parts of a decoder that do not fit together */
export function expectFittingDecoder(expect: Expect, config: DecoderConfig): void {
  const { decoder, hiddenSize, embeddingSize, tieWeights, attentionalHidden } = config;
  const [looks, isTied] = [decoder === "attention", tieWeights !== "none"];
  expect(
    !attentionalHidden || looks,
    "attentionalHidden",
    "decoder attention",
    decoder,
    "it combines attention and hidden state",
  );
  expect(
    !config.inputFeeding || attentionalHidden,
    "inputFeeding",
    "attentionalHidden",
    "none",
    "what is fed is the combined state",
  );
  if (!isTied) return;
  const seen = "the embedding is the last weight too, so the last layer must see as much as an embedding has";
  expect(decoder !== "peeky", "tieWeights", "another decoder", decoder, seen);
  if (looks) expect(attentionalHidden, "tieWeights", "attentionalHidden", "none", seen);
  else
    expect(
      embeddingSize === hiddenSize,
      "tieWeights",
      "embeddingSize and hiddenSize of one size",
      `${embeddingSize} and ${hiddenSize}`,
      seen,
    );
}
