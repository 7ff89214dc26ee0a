import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const { CHROMIUM, PATH = "", SEQLOOM_REQUIRE_ALL } = process.env;

const names = ["chromium", "chromium-browser", "google-chrome"];
const candidates = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
const executablePath = CHROMIUM ?? candidates.find((path) => existsSync(path));

/** For `test.skipIf`: true where there is no Chromium, unless `SEQLOOM_REQUIRE_ALL=1` forbids skipping. */
export const skipWithoutChromium = executablePath === undefined && SEQLOOM_REQUIRE_ALL !== "1";

/** Starts the Chromium that `$CHROMIUM` or the PATH names; the caller closes it. */
export async function launchChromium(): Promise<Browser> {
  if (executablePath === undefined) {
    throw new Error(`launchChromium: expected ${names.join(" or ")} on the PATH, got none. Hint: set $CHROMIUM.`);
  }
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}
