import { describe, expect, test } from "vitest";
import { skipWithoutChromium } from "../helpers/chromium.js";
import { useStudio } from "../helpers/studio.js";

describe.skipIf(skipWithoutChromium)("the studio", () => {
  const studio = useStudio();

  test("shows a field that is wrong, in the part that was closed too, and says nothing on the console", async () => {
    const { page, complaints } = studio;
    const more = page.locator("form details");
    await more.locator("summary").click();
    await page.getByLabel("layers").fill("-3");
    await more.locator("summary").click();
    await page.getByRole("button", { name: "Start training" }).click();
    await expect.poll(() => more.getAttribute("open")).not.toBeNull();
    await page.getByLabel("layers").fill("");
    expect(complaints).toEqual([]);
  });

  test("has a run after a reload that began a moment before it, however long its first epoch", async () => {
    const { page } = studio;
    await page.getByLabel("Hidden size H").fill("64");
    await page.getByRole("button", { name: "Start training" }).click();
    await expect.poll(() => page.locator(".run-head .status").textContent()).toBe("training");
    await page.waitForTimeout(1500);
    await page.reload();
    await page.locator("form button.main:enabled").waitFor();
    await page.getByRole("link", { name: "Compare", exact: true }).click();
    await expect.poll(() => page.locator("table").first().textContent()).toContain("addition");
  }, 30_000);

  test("does not let a file that misses its box take the place of the page", async () => {
    const isHeld = await studio.page.evaluate(
      `["dragover", "drop"].map((type) => {
        const event = new Event(type, { bubbles: true, cancelable: true });
        document.querySelector("h1").dispatchEvent(event);
        return event.defaultPrevented;
      })`,
    );
    expect(isHeld).toEqual([true, true]);
  });

  test("works where a browser forbids it to keep anything", async () => {
    const { page } = studio;
    await page.addInitScript(`Object.defineProperty(window, "localStorage", {
      get() { throw new DOMException("denied", "SecurityError"); },
    });`);
    await page.reload();
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.getByRole("combobox", { name: /language/i }).selectOption("ko");
    await expect.poll(() => page.evaluate("document.documentElement.lang")).toBe("ko");
  });
});
