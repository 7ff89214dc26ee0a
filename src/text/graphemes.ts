/** UTF-16 units that the segmenter is given at a time: of a text of thousands it takes quadratic time. */
const WINDOW = 1000;

/** Made when it is first needed: not every browser has one. */
let segmenter: Intl.Segmenter | undefined;

/**
 * The grapheme clusters of a text: what a reader takes for one character. The last of a window may go on behind it, so
 * the next window begins there; one that fills its window is tried with twice as much.
 */
export function splitGraphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  const graphemes: string[] = [];
  for (let [start, width] = [0, WINDOW]; start < text.length; ) {
    const end = wholeCharacters(text, start + width);
    const found = Array.from(segmenter.segment(text.slice(start, end)), ({ segment }) => segment);
    const last = end < text.length ? (found.pop() ?? "") : "";
    for (const grapheme of found) graphemes.push(grapheme);
    width = found.length === 0 ? 2 * width : WINDOW;
    start = end - last.length;
  }
  return graphemes;
}

/** `end`, or one less where it would cut a surrogate pair. */
function wholeCharacters(text: string, end: number): number {
  if (end >= text.length) return text.length;
  return (text.codePointAt(end - 1) ?? 0) > 0xffff ? end - 1 : end;
}
