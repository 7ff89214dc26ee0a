import { execFileSync } from "node:child_process";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { addOptions, formatCommand, parseOptions, quoteArgument } from "../../src/cli/options.js";
import { OptionError } from "../../src/engine/errors.js";
import { expectError } from "../helpers/errors.js";

const schema = z.object({
  count: z._default(z.int().check(z.minimum(1), z.maximum(9)), 3),
  learningRate: z.optional(z.number().check(z.gt(0))),
  isOn: z._default(z.boolean(), false),
  kind: z._default(z.enum(["plain", "peeky"]), "plain"),
  name: z.optional(z.string()),
  atLeast: z.optional(z.int().check(z.minimum(2))),
});
const common = { json: false, quiet: false, debug: false };

describe("options", () => {
  test("numbers are read from text, and defaults filled in", () => {
    expect(parseOptions(schema, {})).toEqual({ count: 3, isOn: false, kind: "plain" });
    expect(parseOptions(schema, { count: "9", learningRate: "1e-3", isOn: true, kind: "peeky", name: "007" })).toEqual({
      ...{ count: 9, learningRate: 0.001, isOn: true, kind: "peeky", name: "007" },
    });
  });

  test.each([
    [{ count: "10" }, '--count: expected an integer from 1 to 9, got "10".'],
    [{ count: "" }, '--count: expected an integer from 1 to 9, got "".'],
    [{ count: "1_000" }, '--count: expected an integer from 1 to 9, got "1_000".'],
    [{ learningRate: "-1" }, '--learning-rate: expected a number above 0, got "-1".'],
    [{ learningRate: "Infinity" }, '--learning-rate: expected a number above 0, got "Infinity".'],
    [{ atLeast: "1" }, '--at-least: expected an integer of at least 2, got "1".'],
  ])("a value out of its range is named with the range: %o", (given, message) => {
    expectError(OptionError, () => parseOptions(schema, given), message);
  });

  test("some have a short flag", () => {
    const command = addOptions(new Command(), z.extend(schema, { numSamples: z._default(z.int(), 1) }));
    command.parse(["--lr", "0.5", "-n", "3"], { from: "user" });
    expect(command.opts()).toEqual({ learningRate: "0.5", numSamples: "3" });
    expect(command.helpInformation()).toMatch(/--lr, --learning-rate <number>[\s\S]*-n, --num-samples <integer>/);
  });

  test("a mistyped choice gets the nearest as a hint", () => {
    const message = '--kind: expected one of plain, peeky, got "peek".';
    expectError(OptionError, () => parseOptions(schema, { kind: "peek" }), message, "did you mean peeky?");
  });
});

describe("the command line that does the same again", () => {
  test("leaves out what is at its default, and how to talk of it", () => {
    const words = ["train", "a b.txt"];
    const options = { count: 3, learningRate: 0.5, isOn: true, kind: "plain", name: "it's" };
    expect(formatCommand(words, schema, options, { ...common, json: true, quiet: true })).toBe(
      "seqloom train 'a b.txt' --learning-rate 0.5 --is-on --name 'it'\\''s'",
    );
  });

  test("keeps what computes", () => {
    expect(formatCommand(["x"], schema, {}, { ...common, backend: "wasm", threads: 2 })).toBe(
      "seqloom x --backend wasm --threads 2",
    );
  });

  test("gives back the options it was made from", () => {
    const options = { count: 7, learningRate: 1e-10, isOn: true, kind: "peeky", name: "x" };
    const flags = formatCommand([], schema, options, common).split(" ").slice(1);
    expect(flags).toEqual(["--count", "7", "--learning-rate", "1e-10", "--is-on", "--kind", "peeky", "--name", "x"]);
  });

  test.skipIf(process.platform === "win32")("is understood by a shell", () => {
    for (const word of ["plain", "a b", "it's", "", "$HOME", "*", "한글 🎉", "a\nb", '"', "\\", "-x", "~"])
      expect(execFileSync("sh", ["-c", `printf %s ${quoteArgument(word)}`], { encoding: "utf8" })).toBe(word);
  });
});
