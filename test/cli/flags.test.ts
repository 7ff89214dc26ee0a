import { expect, test } from "vitest";
import { errorWithFlags } from "../../src/cli/options.js";
import { DataError, OptionError } from "../../src/engine/errors.js";

const names = new Set(["topK", "beam", "preset", "valid", "test", "maxTrainLength"]);

test.each([
  ["search: topK: expected at least 1, got 0.", "--top-k: expected at least 1, got 0."],
  ["preset listen: expected .wav files, got texts.", "--preset listen: expected .wav files, got texts."],
  ["valid and test: expected shares below 1, got 2.", "--valid and --test: expected shares below 1, got 2."],
  ["nBest: expected 1, got 2.", "nBest: expected 1, got 2."],
])("an error that names options of the command is written with flags: %s", (message, shown) => {
  const error = errorWithFlags(
    new OptionError(message, "raise maxTrainLength, or leave out `beam` of the beam"),
    names,
  );
  expect(error).toBeInstanceOf(OptionError);
  expect(error.message).toBe(shown);
  expect(error.hint).toBe("raise --max-train-length, or leave out --beam of the beam");
});

test("a file that is called like an option keeps its name", () => {
  const error = errorWithFlags(new DataError("test: expected a file of pairs, got a folder."), names);
  expect(error.message).toBe("test: expected a file of pairs, got a folder.");
});
