import { describe, expect, test } from "vitest";
import { countTokens, mostFrequent, withUnknown } from "../../src/text/vocabulary.js";

const split = (text: string): string[] => text.split(" ");

describe("a vocabulary", () => {
  const counts = countTokens(["b a c", "a d a b"], split);

  test("counts in order of first appearance", () => {
    expect([...counts]).toEqual([
      ["b", 2],
      ["a", 3],
      ["c", 1],
      ["d", 1],
    ]);
  });

  test("keeps the most frequent in that order, of equal ones the earlier", () => {
    expect(mostFrequent(counts, 3)).toEqual(["b", "a", "c"]);
    expect(mostFrequent(counts, 1)).toEqual(["a"]);
    expect(mostFrequent(counts, 10)).toEqual(["b", "a", "c", "d"]);
  });

  test("has <unk> last, or where it stands in the text", () => {
    expect(withUnknown(counts, 3)).toEqual(["b", "a", "<unk>"]);
    expect(withUnknown(countTokens(["b <unk> a a"], split), 2)).toEqual(["<unk>", "a"]);
  });

  test("forgets the rarest where there are too many", () => {
    const many = function* (): Generator<string, void> {
      for (let i = 0; i < 1000; i++) yield `often once${i} twice${i} twice${i}`;
    };
    const kept = countTokens(many(), split, 100);
    expect(kept.size).toBeLessThanOrEqual(100);
    expect(kept.get("often")).toBe(1000);
  });
});
