import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { serveStudio } from "../../src/server/studio.js";
import { launchChromium } from "./chromium.js";

export interface StudioPage {
  readonly page: Page;
  /** What the console said, and errors that nobody caught. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Opens the built studio as `seqloom studio` serves it, in a browser that has never seen it. */
export async function openStudio(browser: Browser, { width = 1280, height = 900 } = {}): Promise<StudioPage> {
  const server = await serveStudio(0);
  const context = await browser.newContext({ viewport: { width, height }, locale: "en-US" });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(server.url);
  await page.locator("form button.main:enabled").waitFor();
  return {
    page,
    complaints,
    async close() {
      await context.close();
      server.close();
    },
  };
}

/** One page for all tests of a `describe`, each of which goes on where the one before it ended. */
export function useStudio(): {
  readonly browser: Browser;
  readonly page: Page;
  readonly complaints: readonly string[];
} {
  let browser: Browser | undefined;
  let studio: StudioPage | undefined;
  beforeAll(async () => {
    browser = await launchChromium();
    studio = await openStudio(browser);
  }, 60_000);
  afterAll(async () => {
    await studio?.close();
    await browser?.close();
  });
  const opened = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error("expected the studio to be open");
    return value;
  };
  return {
    get browser() {
      return opened(browser);
    },
    get page() {
      return opened(studio).page;
    },
    get complaints() {
      return opened(studio).complaints;
    },
  };
}

export async function openPanel(page: Page, name: string): Promise<void> {
  await page.getByRole("link", { name, exact: true }).click();
  await page.locator("nav a[aria-current=page]").getByText(name, { exact: true }).waitFor();
}
