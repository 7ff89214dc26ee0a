/** A text as an error shows it: in quotes, cut after 40 characters, control characters written as \u001b. */
export function quote(text: string): string {
  const characters = [...text.slice(0, 100)];
  const shown = characters.slice(0, 40).join("");
  const escaped = shown.replace(/\p{Cc}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `"${escaped}${shown.length < text.length ? "…" : ""}"`;
}

const visible: Readonly<Record<string, string>> = { " ": "␠", "\n": "⏎", "\t": "⇥" };

/** Characters in a list, with blanks between: white space is shown by signs. */
export function listCharacters(characters: readonly string[]): string {
  return characters.map((each) => visible[each] ?? each).join(" ");
}
