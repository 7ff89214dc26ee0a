import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { lineBatches } from "../../src/cli/line-batches.js";
import { DataError } from "../../src/engine/errors.js";

/** The batches of a text that comes in pieces of so many bytes. */
async function batchesOf(text: string, size = 7): Promise<string[][]> {
  const bytes = new TextEncoder().encode(text);
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.slice(i * size, (i + 1) * size),
  );
  const batches: string[][] = [];
  for await (const batch of lineBatches(Readable.from(pieces))) batches.push(batch);
  return batches;
}

describe("lines of a stream", () => {
  test.each([
    ["", []],
    ["\n", [""]],
    ["a\r\nb\n\n c \n", ["a", "b", "", " c "]],
    ["a\nb", ["a", "b"]],
    ["a\r", ["a"]],
    ["가나다 라마\n🎉🎉🎉", ["가나다 라마", "🎉🎉🎉"]],
    ["one\u2028line\u0085\n\r", ["one\u2028line\u0085", ""]],
  ])("of %j are as many as there are line breaks, wherever the pieces are cut", async (text, lines) => {
    for (const size of [1, 2, 3, 1000]) expect((await batchesOf(text, size)).flat()).toEqual(lines);
  });

  test("come 1,000 together at most, and all of them", async () => {
    const lines = Array.from({ length: 4321 }, (_, i) => String(i));
    const batches = await batchesOf(lines.join("\n"), 10_000);
    expect(batches.flat()).toEqual(lines);
    expect(Math.max(...batches.map(({ length }) => length))).toBe(1000);
    expect(batches.length).toBeLessThan(8);
  });

  test("wait for no others", async () => {
    async function* slowly() {
      for (const line of ["a\nb\n", "c\n"]) {
        yield new TextEncoder().encode(line);
        await wait(200);
      }
    }
    const batches: string[][] = [];
    for await (const batch of lineBatches(Readable.from(slowly()))) batches.push(batch);
    expect(batches).toEqual([["a", "b"], ["c"]]);
  });

  test("are no longer than a million characters", async () => {
    const message = "line 3: expected at most 1,000,000 characters, got more.";
    await expect(batchesOf(`a\nb\n${"c".repeat(1_000_100)}`, 60_000)).rejects.toThrow(new DataError(message));
    expect((await batchesOf(`a\n${"c".repeat(1_000_000)}\n`, 60_000)).flat()[1]).toHaveLength(1_000_000);
  });

  test("are let go of where the loop is left", async () => {
    const input = Readable.from([new TextEncoder().encode("a\nb\n")]);
    for await (const _ of lineBatches(input)) break;
    expect(input.destroyed).toBe(true);
  });
});
