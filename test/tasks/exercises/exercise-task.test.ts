import { describe, expect, test } from "vitest";
import { OptionError } from "../../../src/engine/errors.js";
import { openTask } from "../../../src/tasks/open-task.js";
import { pairSettings, type TextOptions } from "../../../src/tasks/pairs/pair-options.js";
import { FixedPairs } from "../../../src/tasks/pairs/text-codec.js";
import type { Task, TaskOptions } from "../../../src/tasks/task.js";
import { expectRejection } from "../../helpers/errors.js";
import { portsWithNotices } from "../../helpers/notices.js";

type Given = TextOptions & Partial<TaskOptions>;

/** A task with the messages of its notices. */
async function open(name: string, given: Given = {}): Promise<Task & { notices: string[] }> {
  const { ports, notices } = portsWithNotices();
  const task = await openTask(name, { skipInvalid: false, ...given, seed: 1 }, ports);
  return Object.assign(task, { notices });
}
const settings = pairSettings({ seed: 1, preset: "execute" });

describe("a task of exercises", () => {
  test("suggests its preset, and says how hard it is and what is held out", async () => {
    const task = await open("programs", { digits: 2, nesting: 2 });
    expect(task.notices).toEqual([
      "programs without end, of 2 digits in a nesting of 2; curriculum combined; 1,000 + 5,000 for validation and test",
    ]);
    expect(pairSettings({ seed: 1 }, task.suggestion).preset).toBe("execute");
    expect(task.suggestion?.describe({ ...settings, hiddenSize: 7, embeddingSize: 5, epochs: 3 })).toBe(
      "H 7, D 5, 3 epochs of 500 steps",
    );
    for (const [given, words] of [
      [{ epochs: 1 }, "1 epoch of 500 steps"],
      [{ epochs: 3, maxSteps: 5 }, "5 steps"],
      [{ epochs: 3, maxSteps: 1501 }, "3 epochs of 500 steps, at most 1501 steps"],
    ] as const)
      expect(task.suggestion?.describe({ ...settings, ...given })).toContain(words);
    const { stream, name } = await task.load(settings);
    expect(name).toBe("programs");
    expect(JSON.parse(stream?.id ?? "")).toEqual({
      target: { digits: 2, nesting: 2 },
      curriculum: "combined",
      seed: 1,
    });
  });

  test("gives validation and test to be evaluated with their grids, by a model's own vocabulary", async () => {
    const task = await open("copy", { digits: 4 });
    const { tokenizer, test: held, valid } = await task.load(settings);
    const [tested, validated] = await Promise.all([task.encode(tokenizer, "test"), task.encode(tokenizer, "valid")]);
    expect([tested.count, validated.count]).toEqual([held.count, valid?.count]);
    expect(tested.grid).toEqual(held.grid);
    expect(tested.sources.row(0)).toEqual(held.sources.row(0));
    await expect(task.encode(tokenizer, "train")).rejects.toThrow(
      "on: expected test or valid for exercises without end, got train.",
    );
    expect(task.overlap()).toEqual([]);
  });

  test("are sums too where a curriculum is named; without it they have an end", async () => {
    const { stream, tokenizer } = await (await open("addition", { curriculum: "none", digits: 2 })).load(settings);
    expect(JSON.parse(stream?.id ?? "").target).toEqual({ digits: 2, nesting: 1 });
    expect(tokenizer).not.toBeInstanceOf(FixedPairs);
    const other = await (await open("addition", { digits: 2 })).load(settings);
    expect([other.stream, other.tokenizer instanceof FixedPairs]).toEqual([undefined, true]);
  });

  test("says which options it has not, and how far each goes", async () => {
    const cases: [name: string, options: Given, message: string][] = [
      ["addition", { curriculum: "none", digits: 10 }, "digits: expected at most 9 for addition, got 10."],
      ["copy", { digits: 101 }, "digits: expected at most 100 for copy, got 101."],
      ["programs", { digits: 12 }, "digits: expected at most 9 for programs, got 12."],
      ["copy", { nesting: 2 }, "nesting: expected at most 1 for copy, got 2."],
      ["programs", { count: 100 }, "count: expected data that have an end, got programs."],
      ["programs", { valid: "0.1" }, "valid: expected pairs of a file, got the exercises programs."],
      ["copy", { tokenizer: "words" }, "tokenizer: expected pairs of a file, got the exercises copy."],
      ["copy", { targetTokenizer: "words" }, "targetTokenizer: expected pairs of a file, got the exercises copy."],
      ["programs", { maxTrainLength: 3 }, "maxTrainLength: expected pairs of a file, got the exercises programs."],
      ["programs", { format: "tsv" }, "format: expected pairs of a file, got the exercises programs."],
      [
        "addition",
        { curriculum: "none", vocabSize: 9 },
        "vocabSize: expected pairs of a file, got the exercises addition.",
      ],
      ["dates", { nesting: 2 }, "nesting: expected programs, copy or addition without end, got other data."],
      ["dates", { curriculum: "none" }, "curriculum: expected programs, copy or addition without end, got other data."],
    ];
    for (const [name, options, message] of cases) await expectRejection(OptionError, open(name, options), message);
  });
});
