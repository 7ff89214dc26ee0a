import { describe, expect, test } from "vitest";
import { formatAnswers } from "../../src/cli/draw.js";
import { reportPairs } from "../../src/cli/reports.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { seq2seqRun } from "../../src/run/pair-run.js";
import { memoryStorage } from "../../src/run/storage.js";
import { readModel } from "../../src/tasks/model-kinds.js";
import { pairSettings } from "../../src/tasks/pairs/pair-options.js";
import { reversedWords } from "../helpers/letters.js";
import { sums } from "../helpers/models.js";

const settings = pairSettings({ preset: "attention", hiddenSize: 4, embeddingSize: 3, epochs: 1, seed: 1 });

describe("a run on texts", () => {
  test("is scored on its test part by error rate, BLEU and chrF, in its model file and its report too", async () => {
    const reversed = reversedWords(60);
    const data = { ...reversed, valid: reversed.train };
    const run = seq2seqRun(openReference(), data, settings);
    const storage = memoryStorage();
    for await (const report of run.train({ files: { storage, out: "m" } }))
      if (report.kind === "evaluation") expect(report).toMatchObject({ set: "valid", bleu: report.bleu ?? Number.NaN });
    const { errorRate = 0, bleu = 0, chrf = 0, exactMatch, set } = run.test ?? {};
    expect(set).toBe("test");
    const { training } = readModel("m", (await storage.read("m")) ?? new Uint8Array());
    expect(training?.scores).toEqual({ exactMatch, errorRate, bleu, chrf });
    const html = reportPairs([{ name: "attention", run }], data, {}, "seqloom train");
    for (const fact of [
      `<dt>error rate (characters)</dt><dd>${(100 * errorRate).toFixed(2)} %</dd>`,
      `<dt>BLEU</dt><dd>${bleu.toFixed(2)}</dd>`,
      `<dt>chrF</dt><dd>${chrf.toFixed(2)}</dd>`,
    ])
      expect(html).toContain(fact);
    expect(chrf).toBeGreaterThan(0);
  });
});

describe("a run on lines of fixed width", () => {
  test("has an error rate, and no BLEU", async () => {
    const run = seq2seqRun(openReference(), sums, settings);
    run.evaluate();
    expect(run.evaluation?.errorRate).toBeGreaterThan(0);
    expect(run.evaluation).not.toHaveProperty("bleu");
  });
});

describe("answers in a terminal", () => {
  test("stand in columns, also where characters are wide", () => {
    const answers = [
      { question: "1+2", reference: "3", prediction: "3" },
      { question: "오늘", reference: "네", prediction: "아" },
    ];
    expect(formatAnswers(answers)).toBe("  ☑ 1+2   3\n  ☒ 오늘  네  아");
  });

  test("stand below each other where they are long", () => {
    const [question, reference] = ["q".repeat(70), "t".repeat(60)];
    expect(
      formatAnswers([
        { question, reference, prediction: "g" },
        { question: "q", reference: "t", prediction: "t" },
      ]),
    ).toBe(`  ☒ ${question}\n    ${reference}\n    g\n  ☑ q\n    t`);
  });
});
