import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { searchSettings } from "../../src/decode/decode-options.js";
import { Sampler } from "../../src/decode/sampler.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { checkOptions, keysOf } from "../../src/engine/check-options.js";
import { OptionError } from "../../src/engine/errors.js";
import { Bleu } from "../../src/metrics/bleu.js";
import { Chrf } from "../../src/metrics/chrf.js";
import { Seq2Seq } from "../../src/models/seq2seq.js";
import { addition } from "../../src/tasks/pairs/addition.js";
import { readPairs } from "../../src/tasks/pairs/pair-formats.js";
import { pairPresets, pairSettings } from "../../src/tasks/pairs/pair-options.js";
import { textSettings } from "../../src/tasks/texts/text-options.js";
import { trainTokenizer } from "../../src/text/tokenizer.js";
import { expectError } from "../helpers/errors.js";
import { pairConfig } from "../helpers/pair-models.js";

const Schema = z.object({
  ...{ size: z._default(z.int().check(z.minimum(2), z.maximum(9)), 4), rate: z.optional(z.number().check(z.gt(0))) },
  ...{ share: z.optional(z.number().check(z.lt(1))), kind: z.optional(z.enum(["lstm", "gru"])) },
  ...{ on: z.optional(z.boolean()), unit: z.optional(z.literal("byte")) },
});

describe("options", () => {
  test("that are valid are returned with their defaults filled in", () => {
    expect(checkOptions("Test", Schema, { rate: 3, other: 1 })).toEqual({ size: 4, rate: 3 });
  });

  test.each([
    [{ size: 1 }, "size: expected at least 2, got 1."],
    [{ size: 10, rate: -1 }, "size: expected at most 9, got 10."],
    [{ size: 2.5 }, "size: expected an integer, got 2.5."],
    [{ size: "2" }, 'size: expected a number, got "2".'],
    [{ rate: 0 }, "rate: expected a number above 0, got 0."],
    [{ rate: Number.NaN }, "rate: expected a number, got NaN."],
    [{ share: 1 }, "share: expected a number below 1, got 1."],
    [{ kind: "gur" }, 'kind: expected one of lstm, gru, got "gur".', "did you mean gru?"],
    [{ on: null }, "on: expected a boolean, got null."],
    [{ unit: {} }, "unit: expected byte, got another object."],
    [undefined, "expected options, got undefined."],
  ])("that do not, as %o, are refused in words", (options, message, hint?: string) => {
    expectError(OptionError, () => checkOptions("Test", Schema, options), `Test: ${message}`, hint);
  });
});

/** What plain JavaScript may hand to any function: the compiler lets it through only by way of JSON. */
const untyped = (json: string): never => JSON.parse(json) as never;

test.each<[call: () => unknown, message: string]>([
  [() => trainTokenizer("words", ["a b"], { size: 1 }), "trainTokenizer: size: expected at least 2, got 1."],
  [() => searchSettings(5, { start: 0, maxLength: 3, beam: 0 }), "search: beam: expected at least 1, got 0."],
  [() => searchSettings(5, { start: 0, maxLength: 0 }), "search: maxLength: expected at least 1, got 0."],
  [() => new Sampler({ temperature: -1 }), "Sampler: temperature: expected at least 0.001, got -1."],
  [
    () => pairSettings(untyped('{"preset":"peek","seed":1}')),
    `pairSettings: preset: expected one of ${keysOf(pairPresets).join(", ")}, got "peek".`,
  ],
  [() => pairSettings({ seed: 1, hiddenSize: 0 }), "pairSettings: hiddenSize: expected at least 1, got 0."],
  [() => pairSettings({ seed: 1, vocabSize: 1 }), "pairSettings: vocabSize: expected at least 2, got 1."],
  [() => textSettings({ seed: -1 }), "textSettings: seed: expected at least 0, got -1."],
  [
    () => new Seq2Seq(openReference(), untyped('{"kind":"seq2seq"}')),
    "Seq2Seq: reverse: expected a boolean, got undefined.",
  ],
  [
    () => new Seq2Seq(openReference(), pairConfig({ hiddenSize: 0 })),
    "Seq2Seq: hiddenSize: expected at least 1, got 0.",
  ],
  [
    () => [...readPairs("a", [], untyped('{"format":"xml"}'))],
    'readPairs: format: expected one of tsv, csv, jsonl, book, got "xml".',
  ],
  [() => addition({ digits: 10 }), "addition: digits: expected at most 9, got 10."],
  [() => new Chrf({ wordOrder: 9 }), "Chrf: wordOrder: expected at most 2, got 9."],
  [() => new Bleu(untyped('{"tokenize":"zh"}')), 'Bleu: tokenize: expected one of 13a, none, char, intl, got "zh".'],
])("%s says what it expected: %s", (call, message) => {
  expectError(OptionError, call, message);
});
