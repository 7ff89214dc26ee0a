import type { Browser, Page } from "playwright-core";
import { serveStudio } from "../../src/server/studio.js";

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
