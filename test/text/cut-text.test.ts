import { describe, expect, test } from "vitest";
import { cutText } from "../../src/text/cut-text.js";

const cut = (text: string, unit: "word" | "character"): string[] => {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return cutText(bytes.length, unit, (from, to) => bytes.subarray(from, to)).map((part) =>
    decoder.decode(bytes.subarray(...part)),
  );
};

describe("cutText", () => {
  test("the last tenth is for the test, the twentieth before it for validation", () => {
    const parts = cut("0123456789".repeat(20), "character");
    expect(parts.map(({ length }) => length)).toEqual([170, 10, 20]);
  });

  test("no word is cut: it stays whole in the part in which it begins", () => {
    expect(cut(`${"ab ".repeat(28)}longest it ends here`, "word")).toEqual([
      `${"ab ".repeat(28)}longest `,
      "it ",
      "ends here",
    ]);
  });

  test("no character is cut", () => {
    const parts = cut("가나다라마바사아자차".repeat(4), "character"); // 120 bytes: cuts near 102 and 108
    expect(parts.map(({ length }) => length)).toEqual([34, 2, 4]);
    const shifted = cut(`a${"가나다라마바사아자차".repeat(4)}`, "character"); // 121 bytes: near 102.85 and 108.9
    expect(shifted.map(({ length }) => length)).toEqual([35, 2, 4]);
  });

  test("of a large text at most 4 MiB are for the test, and 2 MiB for validation", () => {
    const size = 10 ** 9;
    const parts = cutText(size, "character", () => Uint8Array.of(97));
    expect(parts).toEqual([
      [0, size - 6 * 2 ** 20],
      [size - 6 * 2 ** 20, size - 4 * 2 ** 20],
      [size - 4 * 2 ** 20, size],
    ]);
  });
});
