/** Tokens in their order: words, characters, phonemes or ids. */
export type Tokens = ArrayLike<string | number>;

/**
 * The fewest tokens to insert, delete or replace that make one sequence the other. Takes time in proportion to the
 * product of the lengths. Source: Levenshtein 1966; Wagner & Fischer 1974.
 */
export function editDistance(a: Tokens, b: Tokens): number {
  // row[j] is the distance from the first i tokens of a to the first j of b
  const row = Int32Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    let [diagonal, left] = [i, i + 1];
    row[0] = left;
    for (let j = 0; j < b.length; j++) {
      const above = row[j + 1] ?? 0;
      left = a[i] === b[j] ? diagonal : Math.min(diagonal, above, left) + 1;
      diagonal = above;
      row[j + 1] = left;
    }
  }
  return row[b.length] ?? 0;
}
