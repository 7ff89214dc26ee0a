/** Of a large text no more than this is held out for the test, and half of it for validation, in bytes. */
const MOST_HELD = 2 ** 22;
/** Bytes in which a word, or a character, begins somewhere. */
const NEAR = 2 ** 16;

export type TextUnit = "word" | "character";
/** A part of a text: its first byte, and the first behind it. */
export type ByteRange = readonly [from: number, to: number];

/**
 * Cuts a UTF-8 text of `size` bytes in three: the last tenth is for the test, the twentieth before it for validation,
 * the rest for training. No word, or no character, is cut.
 * @param read hands out the bytes from one up to, not with, another
 */
export function cutText(
  size: number,
  unit: TextUnit,
  read: (from: number, to: number) => Uint8Array,
): readonly [train: ByteRange, valid: ByteRange, test: ByteRange] {
  /** The first byte from `near` on at which a word, or a character, begins. */
  const boundary = (near: number): number => {
    const from = Math.floor(near);
    const bytes = read(from, Math.min(size, from + NEAR));
    const step = bytes.findIndex((byte, i) => isStart[unit](byte, bytes[i - 1]));
    return step < 0 ? size : from + step;
  };
  const test = Math.min(size / 10, MOST_HELD);
  const valid = Math.min(size / 20, MOST_HELD / 2);
  const [a, b] = [boundary(size - test - valid), boundary(size - test)];
  return [
    [0, a],
    [a, b],
    [b, size],
  ];
}

const isStart: Readonly<Record<TextUnit, (byte: number, before: number | undefined) => boolean>> = {
  word: (_, before) => before === 10 || before === 32,
  character: (byte) => (byte & 0xc0) !== 0x80,
};
