/** Marks that follow a word without a blank, and those that a word follows without one. */
const CLOSING = /^[\p{Pe}\p{Pf},.!?;:%…、。，．！？；：،؛؟।॥]$/u;
const OPENING = /^[\p{Ps}\p{Pi}¿¡]$/u;
/** Double quotes close what they opened: which is which differs from language to language („Hallo“, “hello”, ”hej”). */
const QUOTE = /^["“”„]$/u;

/** Words with blanks between them, but for where punctuation belongs to a word. */
export function joinWords(words: readonly string[]): string {
  let isQuoted = false;
  let isOpen = true; // nothing stands before the first word
  const parts: string[] = [];
  for (const word of words) {
    const isQuote = QUOTE.test(word);
    if (isQuote) isQuoted = !isQuoted;
    const closes = isQuote ? !isQuoted : CLOSING.test(word);
    parts.push(isOpen || closes ? word : ` ${word}`);
    isOpen = isQuote ? isQuoted : OPENING.test(word);
  }
  return parts.join("");
}
