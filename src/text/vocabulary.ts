/** The token for everything that is not in the vocabulary. */
export const UNKNOWN = "<unk>";

/** Largest size of a vocabulary. */
export const MOST_TOKENS = 2_000_000;

/** Most distinct tokens to count; beyond it the rarest so far are dropped. */
const MOST_COUNTED = 2_000_000;

/** Counts each token of some texts, in order of first appearance, in one pass. */
export function countTokens(
  texts: Iterable<string>,
  split: (text: string) => Iterable<string>,
  most = MOST_COUNTED,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const token of split(text)) {
      const count = counts.get(token);
      counts.set(count === undefined ? copy(token) : token, (count ?? 0) + 1);
      if (counts.size > most) forgetRarest(counts, most / 2);
    }
  return counts;
}

/** Copies a string: a slice of a text would keep the whole text in memory. */
export function copy(token: string): string {
  return [...token].join("");
}

function forgetRarest(counts: Map<string, number>, left: number): void {
  for (let rare = 1; counts.size > left; rare *= 2)
    for (const [token, count] of counts) if (count <= rare) counts.delete(token);
}

/** The `limit` most frequent tokens, in order of first appearance; of equally frequent ones the earlier. */
export function mostFrequent(counts: ReadonlyMap<string, number>, limit: number): string[] {
  const all = [...counts].map(([token, count], place) => ({ token, count, place }));
  return all
    .sort((a, b) => b.count - a.count || a.place - b.place)
    .slice(0, limit)
    .sort((a, b) => a.place - b.place)
    .map(({ token }) => token);
}

/** Like `mostFrequent`, always with `<unk>`: at its first appearance, or last. */
export function withUnknown(counts: ReadonlyMap<string, number>, limit: number): string[] {
  const known = new Map(counts);
  known.set(UNKNOWN, Number.POSITIVE_INFINITY); // a token that was counted keeps its place
  return mostFrequent(known, limit);
}
