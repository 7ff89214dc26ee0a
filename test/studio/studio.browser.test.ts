import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { skipWithoutChromium } from "../helpers/chromium.js";
import { runHere } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";
import { openPanel, useStudio } from "../helpers/studio.js";

/** A rhyme, often enough to be learned from. */
const rhyme = "Peter Piper picked a peck of pickled peppers.\n".repeat(60);

/** 900 different pairs of which the answer is the question read from its end. */
const pairs = Array.from({ length: 900 }, (_, i) => {
  const question = String(i + 100);
  return `${question}\t${[...question].reverse().join("")}`;
}).join("\n");

async function startAddition(page: Page, epochs: number): Promise<void> {
  await page.getByLabel("Digits").fill("1");
  await page.getByLabel("Hidden size H").fill("16");
  await page.getByLabel("Epochs").fill(String(epochs));
  await page.getByRole("button", { name: "Start training" }).click();
}

const state = (page: Page) => page.locator(".run-head .status");
/** Asked again and again for as long as a busy machine may take. */
const poll = <T>(ask: () => Promise<T>) => expect.poll(ask, { timeout: 20_000 });

async function ask(page: Page, question: string): Promise<{ answer: string; score: number }> {
  await openPanel(page, "Ask & write");
  await page.getByLabel("Your question").fill(question);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const first = page.locator(".answers li").first();
  await first.getByText(question).waitFor();
  const [, score] = /log-probability (\S+)/.exec((await first.textContent()) ?? "") ?? [];
  return { answer: (await first.locator("output").textContent()) ?? "", score: Number(score?.replace("−", "-")) };
}

describe.skipIf(skipWithoutChromium)("the studio", () => {
  const studio = useStudio();

  test("trains addition on several threads, and the saved file says on the command line what the page says", async () => {
    const { page } = studio;
    expect(await page.evaluate("crossOriginIsolated")).toBe(true);
    await startAddition(page, 30);
    await poll(() => state(page).textContent()).toBe("done");
    expect(await page.locator(".samples tbody tr").count()).toBe(6); // of 55 sums a tenth, rounded
    const { answer, score } = await ask(page, "3+4");
    expect(answer).toMatch(/^\d{1,2}$/);
    await openPanel(page, "Save & share");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save the model file" }).click(),
    ]);
    const cwd = makeFolder();
    await download.saveAs(join(cwd, download.suggestedFilename()));
    const { stdout } = await runHere(["predict", download.suggestedFilename(), "3+4", "--json"], cwd);
    const said = JSON.parse(stdout);
    expect(said.output).toBe(answer);
    expect(said.score).toBeCloseTo(score, 3);
  }, 60_000);

  test("a run outlives a reload, and can be asked again", async () => {
    const { page } = studio;
    const before = await ask(page, "2+5");
    await page.reload();
    await page.getByRole("combobox", { name: "Run" }).waitFor();
    expect(await ask(page, "2+5")).toEqual(before);
  }, 30_000);

  test("a run is held, taken on by a step, and ended", async () => {
    const { page } = studio;
    await openPanel(page, "Train");
    await page.locator("form button.main:enabled").waitFor();
    await startAddition(page, 1_000_000);
    await poll(() => state(page).textContent()).toBe("training");
    await page.getByRole("button", { name: "Pause" }).click();
    await poll(() => state(page).textContent()).toBe("paused");
    const step = async () => Number(await page.locator(".run-head progress").getAttribute("value"));
    const held = await step();
    await page.getByRole("button", { name: "One step" }).click();
    await poll(step).toBe(held + 1);
    await page.getByRole("button", { name: "Resume" }).click();
    await poll(step).toBeGreaterThan(held + 2);
    await page.getByRole("button", { name: "Stop" }).click();
    await poll(() => state(page).textContent()).toBe("stopped");
  }, 30_000);

  test("learns a text that is dropped, and writes", async () => {
    const { page } = studio;
    await openPanel(page, "Train");
    await page.getByRole("radio", { name: /Your own text/ }).check();
    const file = join(makeFolder(), "rhyme.txt");
    writeFileSync(file, rhyme);
    await page.locator("input[type=file]").setInputFiles(file);
    await page.getByLabel("Hidden size H").fill("16");
    await page.getByLabel("Epochs").fill("2");
    await page.getByRole("button", { name: "Start training" }).click();
    await poll(() => page.locator(".run-head h2").textContent()).toContain("rhyme");
    await poll(() => state(page).textContent()).toBe("done");
    await openPanel(page, "Ask & write");
    await page.getByLabel("Prompt").fill("Peter");
    await page.getByRole("button", { name: "Write", exact: true }).click();
    await poll(() => page.locator(".tokens .token").count()).toBe(120);
    expect(await page.locator(".tokens .begin").textContent()).toBe("Peter");
  }, 60_000);

  test("learns pairs that are pasted", async () => {
    const { page } = studio;
    await openPanel(page, "Train");
    await page.getByRole("radio", { name: /Your own pairs/ }).check();
    await page.getByLabel("The pairs", { exact: true }).fill(pairs);
    await page.getByLabel("Hidden size H").fill("16");
    await page.getByLabel("Epochs").fill("1");
    await page.getByRole("button", { name: "Start training" }).click();
    await poll(() => page.locator(".run-head h2").textContent()).toContain("pairs");
    await poll(() => state(page).textContent()).toBe("done");
    expect((await ask(page, "123")).answer).toMatch(/^\d*$/);
  }, 60_000);

  test("speaks Korean when asked to", async () => {
    const { page } = studio;
    await openPanel(page, "Train");
    await page.getByRole("combobox", { name: "Language" }).selectOption("ko");
    await page.getByRole("button", { name: "학습 시작" }).waitFor();
    expect(await page.evaluate("document.documentElement.lang")).toBe("ko");
    await page.getByRole("combobox", { name: "언어" }).selectOption("en");
  });

  test("has said nothing on the console", () => {
    expect(studio.complaints).toEqual([]);
  });

  test("opens a model file of the command line with the same answers", async () => {
    const cwd = makeFolder();
    const train =
      "train seq2seq addition --digits 1 --hidden-size 8 --epochs 3 --backend wasm --quiet --out sums.safetensors";
    expect((await runHere(train.split(" "), cwd)).status).toBe(0);
    const { stdout } = await runHere(["predict", "sums.safetensors", "3+4", "--json"], cwd);
    const said = JSON.parse(stdout);
    const { page } = studio;
    await openPanel(page, "Save & share");
    const bytes = readFileSync(join(cwd, "sums.safetensors"));
    const buffer = { name: "sums.safetensors", mimeType: "application/octet-stream", buffer: bytes };
    await page.locator("input[type=file]").setInputFiles(buffer);
    await poll(() => page.getByRole("combobox", { name: "Run" }).textContent()).toContain("sums");
    const { answer, score } = await ask(page, "3+4");
    expect([answer, score]).toEqual([said.output, expect.closeTo(said.score, 3)]);
  }, 30_000);
});
