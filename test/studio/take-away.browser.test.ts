import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { skipWithoutChromium } from "../helpers/chromium.js";
import { runHere } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";
import { openPanel, useStudio } from "../helpers/studio.js";

/** Asked again and again for as long as a busy machine may take. */
const poll = <T>(ask: () => Promise<T>) => expect.poll(ask, { timeout: 20_000 });

const rhyme = "Peter Piper picked a peck of pickled peppers.\n".repeat(60);

describe.skipIf(skipWithoutChromium)("the studio's comparison, and what is taken away", () => {
  const studio = useStudio();

  test("one click trains the book's four models under one budget, one after another", async () => {
    const { page } = studio;
    await page.getByLabel("Digits").fill("1");
    await page.getByLabel("Hidden size H").fill("8");
    await page.getByLabel("Epochs").fill("3");
    await openPanel(page, "Compare");
    await page.getByRole("button", { name: "Train all four" }).click();
    const rows = page.locator("table.runs tbody tr");
    const cells = (column: number) => rows.locator(`td:nth-child(${column})`).allTextContents();
    await poll(() => cells(3)).toEqual(["done", "done", "done", "done"]);
    expect((await cells(2)).reverse()).toEqual([
      "addition · plain",
      "addition · plain, reversed",
      "addition · peeky, reversed",
      "addition · attention, reversed",
    ]);
    expect(await cells(7)).toEqual(Array(4).fill("3 of 3"));
    expect(await page.locator(".charts figure").first().locator(".legend li").count()).toBe(4);
    expect(await page.getByText("run 4 of 4").isVisible()).toBe(false);
  }, 60_000);

  test("the comparison ends where it is stopped, and keeps the run that trained", async () => {
    const { page } = studio;
    await openPanel(page, "Train");
    await page.getByLabel("Epochs").fill("1000000");
    await openPanel(page, "Compare");
    await page.getByRole("button", { name: "Train all four" }).click();
    await page.getByText("run 1 of 4").waitFor();
    const states = () => page.locator("table.runs tbody td:nth-child(3)").allTextContents();
    await poll(async () => (await states())[0]).toBe("training");
    await page.getByRole("button", { name: "Stop the comparison" }).click();
    await poll(states).toEqual(["stopped", "done", "done", "done", "done"]);
  }, 60_000);

  test("a beam shows the best answers in their order, and what is skipped is in none", async () => {
    const { page } = studio;
    await openPanel(page, "Ask & write");
    await page.getByLabel("Decoding").selectOption("search");
    await page.getByLabel("Beam width").fill("4");
    await page.getByLabel("Suppressed tokens").fill("1");
    await page.getByLabel("Your question").fill("3+4");
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    const answer = page.locator(".answers > li").first();
    await answer.locator(".others li").nth(2).waitFor();
    const texts = [
      await answer.locator("output").textContent(),
      ...(await answer.locator(".others li").allTextContents()),
    ];
    expect(texts).toHaveLength(4);
    for (const text of texts) expect(text?.split(" ")[0]).not.toContain("1");
    const chances = (await answer.locator(".others li .hint").allTextContents()).map(Number.parseFloat);
    expect(chances).toEqual(chances.toSorted((a, b) => b - a));
  }, 30_000);

  test("the same seed draws the same answer", async () => {
    const { page } = studio;
    await page.getByLabel("Decoding").selectOption("drawn");
    await page.getByLabel("Temperature").fill("3");
    await page.getByLabel("Seed").fill("5");
    const outputs = page.locator(".answers > li output");
    for (const count of [2, 3]) {
      await page.getByRole("button", { name: "Ask", exact: true }).click();
      await poll(() => outputs.count()).toBe(count);
    }
    const [latest, before] = await outputs.allTextContents();
    expect(latest).toBe(before);
  }, 30_000);

  test("a link fills the form of another browser, and starts nothing", async () => {
    const { page } = studio;
    await openPanel(page, "Save & share");
    await page.getByLabel("Run", { exact: true }).selectOption({ label: "addition · peeky, reversed (done)" });
    const link = await page.getByLabel("Link to this configuration").inputValue();
    expect(link).toContain("#train?task=addition&digits=1");
    const context = await studio.browser.newContext({ locale: "en-US" });
    const other = await context.newPage();
    await other.goto(link);
    await other.locator("form button.main:enabled").waitFor();
    expect(await other.getByLabel("Digits").inputValue()).toBe("1");
    expect(await other.getByLabel("Hidden size H").inputValue()).toBe("8");
    expect(await other.getByLabel("Reversed").isChecked()).toBe(true);
    expect(await other.locator("select[name=decoder]").inputValue()).toBe("peeky");
    expect(await other.getByText("Nothing has been trained yet").isVisible()).toBe(true);
    await other.getByRole("button", { name: "Start training" }).click();
    await poll(() => other.locator(".run-head .status").textContent()).toBe("done");
    const right = (of: Page) => of.locator(".run-head dd").first().textContent();
    await openPanel(page, "Train");
    expect(await right(other)).toBe(await right(page));
    await context.close();
  }, 60_000);

  test("a run's report is one page that draws its charts, and names the command that trains the same", async () => {
    const { page } = studio;
    await openPanel(page, "Save & share");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save the report" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("addition-peeky-reversed.html");
    const cwd = makeFolder();
    const path = join(cwd, "report.html");
    await download.saveAs(path);
    expect(readFileSync(path, "utf8")).toContain("Leon Sorokin"); // uPlot's licence goes with it
    const report = await studio.browser.newPage();
    const complaints: string[] = [];
    report.on("console", (message) => complaints.push(message.text()));
    report.on("pageerror", (error) => complaints.push(error.message));
    await report.goto(pathToFileURL(path).href);
    expect(await report.locator(".plot canvas").count()).toBe(2);
    expect(await report.locator("tbody tr.right, tbody tr.wrong").count()).toBe(6);
    expect(complaints).toEqual([]);
    const command = (await report.locator("pre.command").textContent()) ?? "";
    const shown = (await report.locator(".summary dd").first().textContent()) ?? "";
    await report.close();
    const words = command.replace("npx seqloom ", "").split(" ");
    const { stdout, status } = await runHere([...words, "--backend", "wasm", "--json"], cwd);
    expect(status).toBe(0);
    const exact = [...stdout.matchAll(/"exactMatch":([\d.]+)/g)].map(
      ([, share]) => `${(100 * Number(share)).toFixed(1)}%`,
    );
    expect(exact.at(-1)).toBe(shown);
  }, 60_000);

  test("offers how a text might go on while it is typed, and takes an offer over", async () => {
    const { page } = studio;
    await openPanel(page, "Train");
    await page.getByRole("radio", { name: /Your own text/ }).check();
    const file = join(makeFolder(), "rhyme.txt");
    writeFileSync(file, rhyme);
    await page.locator("input[type=file]").setInputFiles(file);
    await page.getByLabel("Hidden size H").fill("16");
    await page.getByLabel("Epochs").fill("2");
    await page.getByRole("button", { name: /Start/ }).click();
    await poll(() => page.locator(".run-head h2").textContent()).toContain("rhyme");
    await poll(() => page.locator(".run-head .status").textContent()).toBe("done");
    await openPanel(page, "Ask & write");
    const text = page.getByLabel("Your text");
    await text.fill("Peter Pip");
    const offers = page.locator(".offers button");
    await poll(() => offers.count()).toBe(3);
    const offer = (await offers.first().textContent()) ?? "";
    await offers.first().click();
    expect(await text.inputValue()).toMatch(/^Peter Pip\s*\S/);
    expect((await text.inputValue()).replaceAll("\n", "⏎")).toContain(offer);
  }, 60_000);

  test("has said nothing on the console", () => {
    expect(studio.complaints).toEqual([]);
  });
});
