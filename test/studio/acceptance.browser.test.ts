import { randomInt } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findingsIn } from "../helpers/axe.js";
import { skipWithoutChromium } from "../helpers/chromium.js";
import { runHere } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";
import { useStudio } from "../helpers/studio.js";

const views = ["train", "compare", "inside", "ask", "files", "how"];

/** In the order in which a person would do it: each test goes on where the one before it ended. */
describe.skipIf(skipWithoutChromium)("the studio, from a seed chosen at run time", () => {
  const seed = randomInt(1_000_000);
  const studio = useStudio();

  const open = (name: string) => studio.page.getByRole("link", { name, exact: true }).click();
  const state = () => studio.page.locator(".run-head .status").textContent();

  async function ask(question: string): Promise<{ answer: string; score: number }> {
    const { page } = studio;
    await open("Ask & write");
    await page.getByLabel("Your question").fill(question);
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    const first = page.locator(".answers li").first();
    await first.getByText(question).waitFor();
    const [, score = ""] = /log-probability (\S+)/.exec((await first.textContent()) ?? "") ?? [];
    return { answer: (await first.locator("output").textContent()) ?? "", score: Number(score.replace("−", "-")) };
  }

  test(`learns to add with seed ${seed}: over 90 % of sums it has never seen come out right`, async () => {
    const { page } = studio;
    await page.getByLabel("Questions", { exact: true }).fill("50000");
    await page.getByLabel("Preset").selectOption("peeky");
    await page.getByLabel("Reversed").check();
    await page.getByLabel("Hidden size H").fill("128");
    await page.getByLabel("Epochs").fill("10");
    await page.getByLabel("Learning rate", { exact: true }).fill("0.004");
    await page.getByLabel("Seed").fill(String(seed));
    await page.getByRole("button", { name: "Start training" }).click();
    await expect.poll(state, { timeout: 200_000, interval: 500 }).toBe("done");
    const right = await page.locator(".figures dd").first().textContent();
    expect(Number.parseFloat(right ?? "")).toBeGreaterThan(90);
  }, 220_000);

  test("123+456 is 579, and the saved file says so on the command line with the same score", async () => {
    const { page } = studio;
    const { answer, score } = await ask("123+456");
    expect(answer).toBe("579");
    await open("Save & share");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save the model file" }).click(),
    ]);
    const cwd = makeFolder();
    await download.saveAs(join(cwd, "sums.safetensors"));
    const { stdout } = await runHere(["predict", "sums.safetensors", "123+456", "--json"], cwd);
    const said = JSON.parse(stdout);
    expect(said.output).toBe("579");
    expect(Math.abs(said.score - score)).toBeLessThan(1e-4);
  }, 30_000);

  test("a text that is dropped on the page is learned from, and the model writes", async () => {
    const { page } = studio;
    await open("Train");
    await page.getByRole("radio", { name: /Your own text/ }).check();
    const rhyme = "She sells sea shells by the sea shore.\n".repeat(60);
    const transfer = await page.evaluateHandle(`{
      const transfer = new DataTransfer();
      transfer.items.add(new File([${JSON.stringify(rhyme)}], "shells.txt", { type: "text/plain" }));
      transfer;
    }`);
    await page.locator(".drop").dispatchEvent("drop", { dataTransfer: transfer });
    await page.getByText("shells.txt", { exact: false }).waitFor();
    await page.getByLabel("Hidden size H").fill("16");
    await page.getByLabel("Epochs").fill("2");
    await page.getByRole("button", { name: "Start training" }).click();
    const name = () => page.locator(".run-head h2").textContent();
    await expect.poll(name, { timeout: 20_000 }).toContain("shells");
    await expect.poll(state, { timeout: 20_000 }).toBe("done");
    await open("Ask & write");
    await page.getByLabel("Prompt").fill("She sells");
    await page.getByRole("button", { name: "Write", exact: true }).click();
    await expect.poll(() => page.locator(".tokens .token").count(), { timeout: 20_000 }).toBeGreaterThan(100);
  }, 60_000);

  test("both runs are there after a reload, and the first still adds", async () => {
    const { page } = studio;
    await page.reload();
    const runs = page.getByRole("combobox", { name: "Run" });
    await runs.waitFor();
    const names = await runs.locator("option").allTextContents();
    expect(names.map((name) => name.split(" ")[0])).toEqual(["shells", "addition"]);
    await runs.selectOption({ index: 1 });
    expect((await ask("123+456")).answer).toBe("579");
  }, 30_000);

  test("axe-core finds nothing serious in any view, light or dark, in English or in Korean", async () => {
    const { page } = studio;
    for (const [colorScheme, language] of [
      ["light", "en"],
      ["dark", "ko"],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(".page-tools select").selectOption(language);
      for (const view of views) expect(await findingsIn(page, view), `${view}, ${colorScheme}`).toEqual([]);
    }
    await page.getByRole("link", { name: "묻기와 쓰기" }).waitFor();
    expect(await page.evaluate("document.documentElement.lang")).toBe("ko");
  }, 60_000);

  test("has said nothing on the console", () => {
    expect(studio.complaints).toEqual([]);
  });
});
