/** The words of a text: what blanks separate, as Unicode has them. */
export function splitBlanks(text: string): string[] {
  return text.split(/\p{White_Space}+/u).filter((word) => word !== "");
}

/** How BLEU cuts a text into tokens; the names and definitions are those of sacreBLEU 2. */
export const tokenizations = {
  none: splitBlanks,
  char: (text) => splitBlanks([...text].join(" ")),
  "13a": (text) => splitBlanks(separate13a(` ${readEntities(text)} `)),
  intl: (text) => splitBlanks(separateUnicode(text)),
} as const satisfies Record<string, (text: string) => string[]>;

/** Lines broken at a hyphen are joined, and the four entities that mteval-v13a knows stand for their characters. */
function readEntities(text: string): string {
  return text
    .replaceAll("<skipped>", "")
    .replaceAll("-\n", "")
    .replaceAll("\n", " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
}

/** Puts blanks around punctuation of ASCII, but for the apostrophe, and points, commas and hyphens in numbers. */
function separate13a(text: string): string {
  return text
    .replace(/[!-&(-+/:-@[-`{-~]/g, " $& ")
    .replace(/([^0-9])([.,])/gu, "$1 $2 ")
    .replace(/([.,])([^0-9])/gu, " $1 $2")
    .replace(/([0-9])-/g, "$1 - ");
}

/** Puts blanks around all symbols, and around punctuation unless a number stands on both sides. */
function separateUnicode(text: string): string {
  return text
    .replace(/(\P{N})(\p{P})/gu, "$1 $2 ")
    .replace(/(\p{P})(\P{N})/gu, " $1 $2")
    .replace(/\p{S}/gu, " $& ");
}
