/** A text's bytes in UTF-8. */
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Bytes in chunks of `size`, each in the same memory, as a file's reader hands them over. */
export function* inChunks(bytes: Uint8Array, size: number): Generator<Uint8Array, void> {
  const chunk = new Uint8Array(size);
  for (let from = 0; from < bytes.length; from += size) {
    const part = bytes.subarray(from, from + size);
    chunk.set(part);
    yield chunk.subarray(0, part.length);
    chunk.fill(0xff);
  }
}
