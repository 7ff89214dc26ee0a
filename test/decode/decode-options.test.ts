import { describe, expect, test } from "vitest";
import { parseOptions } from "../../src/cli/options.js";
import { DecodeOptions } from "../../src/decode/decode-options.js";
import { OptionError } from "../../src/engine/errors.js";
import { expectError } from "../helpers/errors.js";

describe("options of decoding", () => {
  test("mean greedy search where none is given", () => {
    const greedy = { beam: 1, nBest: 1, lengthPenalty: 0.6, coveragePenalty: 0, minLength: 0 };
    expect(parseOptions(DecodeOptions, {})).toEqual(greedy);
  });

  test("are read from a command line", () => {
    const given = {
      beam: "5",
      nBest: "3",
      noRepeatNgram: "2",
      maxLength: "40",
      temperature: "0.7",
      topK: "9",
      topP: "0.9",
    };
    expect(parseOptions(DecodeOptions, given)).toMatchObject({
      ...{ beam: 5, nBest: 3, noRepeatNgram: 2, maxLength: 40, temperature: 0.7, topK: 9, topP: 0.9 },
    });
    const message = '--length-penalty: expected a number from 0 to 10, got "-1".';
    expectError(OptionError, () => parseOptions(DecodeOptions, { lengthPenalty: "-1" }), message);
  });
});
