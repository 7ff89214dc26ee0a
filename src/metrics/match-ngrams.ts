import type { Tokens } from "../engine/edit-distance.js";

/**
 * How many n-grams of a hypothesis its references have too, for n from 1 to `order`. An n-gram counts at most as often as
 * it occurs in the reference that has it most often.
 *
 * The n-grams of the references are a tree whose edges are tokens. A walk down it from each place of the hypothesis ends
 * at the first token that no reference goes on with: no longer n-gram from there can match.
 */
export function matchNgrams(hypothesis: Tokens, references: readonly Tokens[], order: number): number[] {
  const ids = new Map<string | number, number>();
  const width = 1 + references.reduce((sum, { length }) => sum + length, 0); // more than there are ids
  const children = new Map<number, number>(); // by parent·width + id of the token; the root is node 0
  const most: number[] = []; // by node
  for (const reference of references) {
    const path = Array.from(reference, (token) => {
      const id = ids.get(token) ?? ids.size;
      ids.set(token, id);
      return id;
    });
    const counts = new Map<number, number>(); // by node
    for (let start = 0; start < path.length; start++) {
      let node = 0;
      for (let i = start; i < Math.min(start + order, path.length); i++) {
        const edge = node * width + (path[i] ?? 0);
        node = children.get(edge) ?? children.size + 1;
        children.set(edge, node);
        counts.set(node, (counts.get(node) ?? 0) + 1);
      }
    }
    for (const [node, count] of counts) most[node] = Math.max(most[node] ?? 0, count);
  }

  const matches = new Array<number>(order).fill(0);
  for (let start = 0; start < hypothesis.length; start++) {
    let node: number | undefined = 0;
    for (let n = 0; n < order && start + n < hypothesis.length; n++) {
      const id = ids.get(hypothesis[start + n] ?? "");
      node = id === undefined ? undefined : children.get(node * width + id);
      if (node === undefined) break;
      const left = most[node] ?? 0;
      if (left === 0) continue; // all of them are matched, but a longer one may not be
      most[node] = left - 1;
      matches[n] = (matches[n] ?? 0) + 1;
    }
  }
  return matches;
}

/** How many n-grams a sequence of so many tokens has. */
export const countNgrams = (length: number, n: number): number => Math.max(0, length - n + 1);
