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
  const { decoder, hidden, embedding, tied, combine } = config;
  const [looks, isTied] = [decoder === "attention", tied !== "no"];
  expect(!combine || looks, "combine", "decoder attention", decoder, "it combines attention and hidden state");
  expect(!config.inputFeeding || combine, "inputFeeding", "combine", "none", "what is fed is the combined state");
  if (!isTied) return;
  const seen = "the embedding is the last weight too, so the last layer must see as much as an embedding has";
  expect(decoder !== "peeky", "tied", "another decoder", decoder, seen);
  if (looks) expect(combine, "tied", "combine", "none", seen);
  else expect(embedding === hidden, "tied", "embedding and hidden of one size", `${embedding} and ${hidden}`, seen);
}
