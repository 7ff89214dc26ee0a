import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import * as z from "zod/mini";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const Findings = z.array(z.object({ id: z.string(), impact: z.nullable(z.string()), where: z.string() }));

/** What axe-core holds to be serious or critical in a view. */
export async function findingsIn(page: Page, view: string) {
  await page.evaluate(axe);
  await page.evaluate(`location.hash = ${JSON.stringify(view)}`);
  await page.locator(`nav a[href="#${view}"][aria-current=page]`).waitFor();
  const found = await page.evaluate(
    `axe.run().then(({ violations }) =>
      violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map(({ html }) => html).join(" ") })))`,
  );
  return z.parse(Findings, found).filter(({ impact }) => impact === "serious" || impact === "critical");
}
