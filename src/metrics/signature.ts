/** The release of sacreBLEU whose definitions ours are. */
const VERSION = "2.6.0";

/** What a score was computed by, in sacreBLEU's form: scores with the same signature may be compared. */
export function formatSignature(
  references: readonly (readonly string[])[],
  parts: Readonly<Record<string, string | number>>,
): string {
  const counts = new Set(references.map(({ length }) => length));
  const nrefs = counts.size === 1 ? [...counts].join() : "var";
  return Object.entries({ nrefs, ...parts, version: VERSION })
    .map(([key, value]) => `${key}:${value}`)
    .join("|");
}
