import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { skipWithoutChromium } from "../helpers/chromium.js";
import { openPanel, useStudio } from "../helpers/studio.js";

const rhyme = "Peter Piper picked a peck of pickled peppers.\n".repeat(60);
const poll = <T>(ask: () => Promise<T>) => expect.poll(ask, { timeout: 20_000 });

async function train(page: Page, run: RegExp): Promise<void> {
  await page.getByLabel("Hidden size H").fill("16");
  await page.getByLabel("Epochs").fill("3");
  await page.getByRole("button", { name: "Start training" }).click();
  await poll(() => page.locator(".run-head h2").textContent()).toMatch(run);
  await poll(() => page.locator(".run-head .status").textContent()).toBe("done");
}

/** The numbers that the cells of a map say, row by row. */
async function numbersOf(page: Page, title: string): Promise<number[][]> {
  const rows = await page.getByRole("grid", { name: title }).locator("tbody tr").all();
  return Promise.all(
    rows.map(async (row) => {
      const labels = await row.locator("td").evaluateAll((cells) => cells.map((cell) => cell.ariaLabel ?? ""));
      return labels.map((label) => Number(/([+−-]?[\d.]+)%?$/.exec(label)?.[1]?.replace("−", "-")));
    }),
  );
}

describe.skipIf(skipWithoutChromium)("inside a model", () => {
  const studio = useStudio();

  test("before the first run the picture is that of the form", async () => {
    const { page } = studio;
    await openPanel(page, "How it works");
    const picture = page.getByRole("img", { name: "Diagram of the model" });
    expect(await picture.locator(".box.encoder").count()).toBe(6);
    expect(await picture.locator(".joint").count()).toBe(1); // peeky
    expect(await picture.locator(".part.encoder").textContent()).toBe("encoder, reversed");
    expect(await picture.locator("desc").textContent()).toContain("Peeky: the decoder sees");
  });

  test("attention adds up to 1 in every row, states are between −1 and 1, and digits are looked for", async () => {
    const { page } = studio;
    await openPanel(page, "Train");
    await page.getByLabel("Digits").fill("1");
    await page.getByLabel("Preset").selectOption("attention");
    await train(page, /attention/);
    await openPanel(page, "Look inside");
    await page.getByLabel("Source", { exact: true }).fill("3+4");
    await page.getByRole("button", { name: "Inspect", exact: true }).click();
    await poll(() => page.locator(".read-written").textContent()).toMatch(/^3\+4 → /);
    const attention = await numbersOf(page, "Attention weights");
    expect(attention.length).toBe(2);
    for (const row of attention) expect(row.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 0);
    for (const [title, steps] of [
      ["Encoder hidden states", 3],
      ["Decoder hidden states", 2],
    ] as const) {
      const states = await numbersOf(page, title);
      expect(states.map(({ length }) => length)).toEqual(Array.from({ length: steps }, () => 16));
      expect(states.flat().every((x) => Math.abs(x) <= 1)).toBe(true);
      expect(new Set(states.flat()).size).toBeGreaterThan(8);
    }
    expect(await page.locator(".digits tbody th").allTextContents()).toEqual(["ones", "tens"]);
  }, 60_000);

  test("arrow keys go from cell to cell, and each says what it holds", async () => {
    const { page } = studio;
    const map = page.getByRole("grid", { name: "Attention weights" });
    await map.locator("td[tabindex='0']").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    const said = await page.locator(".said").first().textContent();
    expect(said).toBe(await map.locator("tbody tr").nth(1).locator("td").nth(1).getAttribute("aria-label"));
    expect(said).toMatch(/^attention from .+ to .+: [\d.]+%$/);
    expect(await map.locator("td[tabindex='0']").count()).toBe(1);
  });

  test("a text goes on from a token that is chosen by keyboard", async () => {
    const { page } = studio;
    await openPanel(page, "Train");
    await page.getByRole("radio", { name: /Your own text/ }).check();
    await page.getByLabel("The text", { exact: true }).fill(rhyme);
    await train(page, /characters/);
    await openPanel(page, "Look inside");
    const tokens = page.locator(".tokens .token");
    await poll(() => tokens.count()).toBe(60); // the new line before them not counted
    await tokens.first().focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowRight");
    const before = await tokens.allTextContents();
    const other = page.locator(".chances li:not(.chosen)").first();
    const chosen = ((await other.locator(".name").textContent()) ?? "").replace("␣", " ").replace("⏎", "\n");
    await other.getByRole("button").focus();
    await page.keyboard.press("Enter");
    await poll(() => tokens.nth(4).textContent()).toBe(chosen);
    expect((await tokens.allTextContents()).slice(0, 4)).toEqual(before.slice(0, 4));
    expect(await tokens.count()).toBe(60);
  }, 60_000);

  test("a run has the picture of its own model", async () => {
    const { page } = studio;
    await openPanel(page, "How it works");
    const picture = page.getByRole("img", { name: "Diagram of the model" });
    expect(await picture.locator(".chances-of").count()).toBe(4);
    const runs = page.getByRole("combobox", { name: "Run" });
    await runs.selectOption({ index: 1 });
    await poll(() => picture.locator(".box.seen").count()).toBe(2);
    expect(await picture.locator(".chances-of").count()).toBe(0);
    expect(studio.complaints).toEqual([]);
  });
});
