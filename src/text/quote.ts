/** A text as an error shows it: in quotes, cut after 40 characters, control characters written as \u001b. */
export function quote(text: string): string {
  const characters = [...text.slice(0, 100)];
  const shown = characters.slice(0, 40).join("");
  const escaped = shown.replace(/\p{Cc}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `"${escaped}${shown.length < text.length ? "…" : ""}"`;
}

const LONGEST_PATH = 4096;

/** A file's name as an error shows it: in quotes where it has what cannot be seen, or is longer than a path may be. */
export function showName(name: string): string {
  return /^\s|\s$|\p{Cc}|\uFFFD/u.test(name) || name.length > LONGEST_PATH ? quote(name) : name;
}

const visible: Readonly<Record<string, string>> = { " ": "␠", "\n": "⏎", "\t": "⇥" };

/** Characters in a list, with blanks between: white space is shown by signs. */
export function listCharacters(characters: readonly string[]): string {
  return characters.map((each) => visible[each] ?? each).join(" ");
}
