import { describe, expect, test } from "vitest";
import type { SearchOptions } from "../../src/decode/decode-options.js";
import { search } from "../../src/decode/search.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { OptionError, ShapeError } from "../../src/engine/errors.js";
import { expectError, thrownBy } from "../helpers/errors.js";
import { ToyModel } from "../helpers/toy-model.js";

const backend = openReference();
const answer = (options: Partial<SearchOptions>, V = 3) =>
  search(new ToyModel(backend, { V, logits: () => [0, 0, 0] }), backend, {
    start: 0,
    end: 2,
    maxLength: 4,
    ...options,
  });

describe("a search that cannot be", () => {
  test.each([
    [{ beam: 2, nBest: 3 }, "nBest: expected at most the beam size, 2, got 3.", "use a beam of 3 or more"],
    [{ minLength: 5 }, "minLength: expected at most maxLength, 4, got 5.", undefined],
    [
      { beam: 2, topK: 2 },
      "beam: expected 1 with temperature, topK or topP, got 2.",
      "leave out either the beam or temperature",
    ],
    [{ start: 3 }, "start: expected a token from 0 to 2, got 3.", undefined],
    [{ end: -1 }, "end: expected a token from 0 to 2, got -1.", undefined],
    [{ suppress: [1, 7] }, "suppress: expected a token from 0 to 2, got 7.", undefined],
    [{ suppress: [2] }, "suppress: expected tokens other than the end, got 2.", "an answer could not end"],
    [
      { coveragePenalty: 0.2 },
      "coveragePenalty: expected a model with attention, got one without.",
      "leave it out, or train a model with attention",
    ],
  ])("says what it expected: %o", (options, message, hint) => {
    expectError(OptionError, () => answer(options), `search: ${message}`, hint);
  });

  test.each([
    { beam: 0 },
    { lengthPenalty: -1 },
    { noRepeatNgram: 0 },
    { maxLength: 0 },
    { temperature: 1e-40 },
    { topP: 2 },
  ])("names the option that is out of range: %o", (options) => {
    const error = thrownBy(() => answer(options));
    expect(error).toBeInstanceOf(OptionError);
    expect(error?.message).toContain(Object.keys(options)[0]);
  });

  test("says so where the logits have another shape, and leaves no memory taken", () => {
    const message = "search: logits: expected shape (1, 5), got (1, 3).";
    expectError(ShapeError, () => answer({}, 5), message);
    const before = backend.arena.bytes;
    for (let i = 0; i < 5; i++) thrownBy(() => answer({}, 5));
    expect(backend.arena.bytes - before).toBeLessThan(5 * 64 * 3); // what the toy models take themselves
  });
});
