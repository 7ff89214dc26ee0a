import { describe, expect, test } from "vitest";
import { Workspace } from "../../src/engine/backend/arena.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { Seq2Seq } from "../../src/models/seq2seq.js";
import { packPairs } from "../../src/models/sources.js";
import { answerPairs } from "../../src/run/answer-pairs.js";
import { evaluatePairs } from "../../src/run/evaluate.js";
import { exerciseData } from "../../src/tasks/exercises/exercise-data.js";
import { exercises } from "../../src/tasks/exercises/exercises.js";
import { encodePairs } from "../../src/tasks/pairs/pairs.js";

const target = { digits: 4, nesting: 1 };
const { tokenizer, test: held } = exerciseData("copy", exercises.copy, { target, curriculum: "none", seed: 1 });
const backend = openReference();
const model = Seq2Seq.for(backend, { tokenizer }, { hiddenSize: 7, embeddingSize: 5 }).initialize(3, "uniform");
const texts = held.texts?.slice(0, 60) ?? [];
const set = encodePairs(tokenizer, texts, { keepTexts: true });
const cells = held.grid?.cells.slice(0, 60) ?? [];
const pairs = { ...set, grid: { row: "", column: "digits", cells } };

/** How many tokens of a target are what one step after another takes for the most probable, each after the reference. */
function forcedByHand(row: number): number {
  const workspace = new Workspace(backend.arena);
  const { source } = packPairs(workspace, set, [row]);
  model.start(model.encode(source));
  const ids = set.targets.row(row);
  let right = 0;
  for (const [t, id] of ids.entries()) {
    if (t + 1 === ids.length) break;
    const input = workspace.ints("input", [1, 1]);
    input.data[0] = id;
    const logits = [...model.step(input).data];
    if (logits.indexOf(Math.max(...logits)) === ids[t + 1]) right++;
  }
  return right;
}

describe("token accuracy (teacher forcing)", () => {
  test("counts what is the most probable after the true tokens, rows of all lengths in one batch", () => {
    const answered = answerPairs(backend, model, tokenizer, pairs);
    const byHand = answered.map(({ row }) => forcedByHand(row));
    expect(answered.map(({ forced }) => forced)).toEqual(byHand);
    const [right, all] = [byHand.reduce((a, b) => a + b, 0), answered.reduce((sum, { tokens }) => sum + tokens, 0)];
    expect(right).toBeGreaterThan(10);
    expect(right).toBeLessThan(all / 2);
    const { tokenAccuracy, grid } = evaluatePairs(backend, model, tokenizer, pairs, { measures: ["tokenAccuracy"] });
    expect(tokenAccuracy).toBe(right / all);
    expect(grid?.cells.map(({ column }) => column)).toEqual([...new Set(cells.map(({ column }) => column))].sort());
    expect(grid?.cells.reduce((sum, { count }) => sum + count, 0)).toBe(60);
  });

  test("is not counted where there is no grid", () => {
    expect(answerPairs(backend, model, tokenizer, set)[0]).not.toHaveProperty("forced");
    expect(evaluatePairs(backend, model, tokenizer, set)).not.toHaveProperty("grid");
  });
});
