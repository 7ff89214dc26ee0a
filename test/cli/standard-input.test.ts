import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { type Input, inputBatches } from "../../src/cli/standard-input.js";

async function read(chunks: readonly string[], hasLines: boolean): Promise<Input[]> {
  const all: Input[] = [];
  for await (const inputs of inputBatches(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), hasLines))
    all.push(...inputs);
  return all;
}

describe("texts on standard input", () => {
  test("are its lines, each with its number", async () => {
    expect(await read(["1+2\n", "\n3+", "4"], false)).toEqual([
      { text: "1+2", line: 1 },
      { text: "", line: 2 },
      { text: "3+4", line: 3 },
    ]);
  });

  test("of several lines go on to a blank line, or to the end, however they arrive", async () => {
    const programs = [
      { text: "a=3\nprint(a)", line: 2 },
      { text: "print(4)", line: 6 },
    ];
    const whole = "\na=3\nprint(a)\n\n \nprint(4)\n";
    expect(await read([whole], true)).toEqual(programs);
    expect(await read([...whole], true)).toEqual(programs);
    expect(await read([whole.replaceAll("\n", "\r\n").trimEnd()], true)).toEqual(programs);
  });

  test("of several lines: one whole program is one text, and nothing is none", async () => {
    const program = "j=8584\nfor x in range(8):j+=920\nprint((j+7567))";
    expect(await read([program], true)).toEqual([{ text: program, line: 1 }]);
    expect(await read(["\n\n"], true)).toEqual([]);
    expect(await read([], true)).toEqual([]);
  });

  test("is answered as it comes: a program whose blank line is there does not wait for the next", async () => {
    const stream = new Readable({ read() {} });
    const batches = inputBatches(stream, true);
    stream.push("print(1)\n\nprint(2)\n");
    expect((await batches.next()).value).toEqual([{ text: "print(1)", line: 1 }]);
    stream.push(null);
    expect((await batches.next()).value).toEqual([{ text: "print(2)", line: 3 }]);
    expect((await batches.next()).done).toBe(true);
  });
});
