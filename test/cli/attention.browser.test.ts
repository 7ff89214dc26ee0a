import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MappedPrediction, renderAttention } from "../../src/cli/attention-page.js";
import { launchChromium, skipWithoutChromium } from "../helpers/chromium.js";

/** A map whose token t looks at position t·S/T most, and a little at the others. */
function mapOf(source: readonly string[], target: readonly string[]): MappedPrediction {
  const weights = target.map((_, t) => {
    const most = Math.floor((t * source.length) / target.length);
    return Float32Array.from(source, (_token, s) => (s === most ? 0.9 : 0.1 / (source.length - 1)));
  });
  const [input, output] = [source.join(""), target.join("")];
  return { input, output, score: -0.25, attention: { source, target, weights } };
}

const short = mapOf([..."Sep 27"], [..."09-27"]);
const words = mapOf(["two", " little", " dogs", "⏎"], ["zwei", " kleine", " hunde"]);
const korean = mapOf(["오늘은", " 날씨가", " 정말", "⏎"], ["정말", " 좋네요"]);
const long = mapOf(
  Array.from({ length: 40 }, (_, i) => ` word${i}`),
  Array.from({ length: 40 }, (_, i) => ` wort${i}`),
);

describe("the attention page", () => {
  test("leaves out a map for which it has no room, says so, and shows the others", () => {
    const letters = (count: number) => Array.from({ length: count }, () => "a");
    const html = renderAttention("m", [short, mapOf(letters(10_000), letters(200)), short]);
    expect(html.match(/<table/g)).toHaveLength(2);
    expect(html.match(/<section/g)).toHaveLength(3);
    expect(html.match(/<p class="left-out">.*<\/p>/g)).toEqual([
      '<p class="left-out">The map of 200 rows and 10,000 columns is left out: the page is limited to 1,000,000 cells.</p>',
    ]);
    const many = renderAttention(
      "m",
      Array.from({ length: 4 }, () => mapOf(letters(600), letters(500))),
    );
    expect(many.match(/<table/g)).toHaveLength(3);
  });

  test("has a row for each token of the answer and a number for each weight of half a percent or more", () => {
    const html = renderAttention("m: attention", [short]);
    expect(html).toContain("<title>m: attention</title>");
    expect(html).toContain("score −0.250, a probability of 77.9 %");
    expect(html.match(/<th scope="col">/g)).toHaveLength(6);
    expect(html.match(/<th scope="row">/g)).toHaveLength(5);
    expect(html.match(/<td style="--w:90">90<\/td>/g)).toHaveLength(5);
    expect(html.match(/<td style="--w:2">2<\/td>/g)).toHaveLength(25);
    const faint = renderAttention("m", [long]);
    expect(faint.match(/<td><\/td>/g)).toHaveLength(40 * 39 + 1); // 0.1 / 39 rounds to 0 %; and the corner
  });

  test("makes blanks and line breaks visible, and turns long column heads", () => {
    const html = renderAttention("m", [mapOf(["a", " ", "\n", "\u0007"], ["b"])]);
    for (const shown of ["<i>·</i>", "<i>↵</i>", "<i>�</i>"])
      expect(html).toContain(`<span><bdi>${shown}</bdi></span>`);
    const classOf = (map: MappedPrediction) => /<table class="(\w+)">/.exec(renderAttention("m", [map]))?.[1];
    expect([short, words, korean].map(classOf)).toEqual(["short", "upwards", "upright"]);
  });

  test("says a probability only where it is one that people can read", () => {
    const html = renderAttention("m", [{ ...short, score: -20.75 }]);
    expect(html).toContain(">score −20.750</p>");
  });

  test("escapes every string, and loads nothing", () => {
    const evil = `</script></title></style><img src=x onerror="alert('1')">&amp;<!--`;
    const html = renderAttention(evil, [mapOf([evil, evil], [evil])]);
    expect(html).not.toContain("<img");
    expect(html).not.toContain("<!--");
    for (const tag of ["script", "title", "style"]) expect(html.split(`</${tag}`)).toHaveLength(2);
    expect(html).not.toMatch(/<link|<iframe|@import|url\(/i);
    expect(html).toContain("default-src 'none'");
  });
});

describe.skipIf(skipWithoutChromium)("in Chromium", () => {
  let started: { browser: Browser; folder: string } | undefined;

  beforeAll(async () => {
    started = { browser: await launchChromium(), folder: mkdtempSync(join(tmpdir(), "seqloom-attention-")) };
  });
  afterAll(async () => {
    await started?.browser.close();
    if (started) rmSync(started.folder, { recursive: true });
  });

  /** Opens a page from disk, and fails on any message, error or request besides the page itself. */
  async function open(maps: readonly MappedPrediction[], colorScheme: "light" | "dark", width = 1600): Promise<Page> {
    if (started === undefined) throw new Error("no browser");
    const file = join(started.folder, "look.html");
    writeFileSync(file, renderAttention("m: attention", maps));
    const page = await started.browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const seen: string[] = [];
    page.on("console", (message) => seen.push(message.text()));
    page.on("pageerror", (error) => seen.push(error.message));
    page.on("request", (request) => seen.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    expect(seen).toEqual([pathToFileURL(file).href]);
    return page;
  }

  test.each(["light", "dark"] as const)("numbers are readable on every shade: %s", async (scheme) => {
    const shades = mapOf(["a", "b"], ["c"]);
    const weights = [...Array(101).keys()].map((w) => Float32Array.of(w / 100, 1 - w / 100));
    const target = weights.map(() => "c");
    const page = await open([{ ...shades, attention: { ...shades.attention, target, weights } }], scheme);
    const contrasts = await page.locator("tbody td:not(:empty)").evaluateAll((cells) => {
      const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      const luminance = (colour: string): number => {
        if (!canvas) throw new Error("no canvas");
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r = 0, g = 0, b = 0] = canvas.getImageData(0, 0, 1, 1).data;
        const linear = [r, g, b].map((x) => (x / 255 <= 0.04045 ? x / 3294.6 : ((x / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
      };
      return cells.map((cell) => {
        const { color, backgroundColor } = getComputedStyle(cell);
        const [a, b] = [luminance(color), luminance(backgroundColor)];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      });
    });
    expect(contrasts).toHaveLength(200);
    expect(Math.min(...contrasts)).toBeGreaterThan(4.5);
    expect(Math.max(...contrasts) / Math.min(...contrasts)).toBeGreaterThan(2); // shades differ
    await page.close();
  });

  test("under the pointer stand both tokens and the share, and the heads of row and column stand out", async () => {
    const page = await open([words], "light");
    await page.locator("tbody tr").nth(1).locator("td").nth(1).hover();
    const tip = page.locator("#tip");
    await expect.poll(() => tip.isVisible()).toBe(true);
    expect(await tip.textContent()).toBe("·kleine ← ·little  90 %");
    const weight = (head: string) => page.locator(head).evaluate((each) => getComputedStyle(each).fontWeight);
    expect(await weight("thead th:nth-child(3)")).toBe("600");
    expect(await weight("tbody tr:nth-child(2) th")).toBe("600");
    expect(await weight("thead th:nth-child(2)")).toBe("400");
    await page.locator("h1").hover();
    await expect.poll(() => tip.isVisible()).toBe(false);
    await page.close();
  });

  test("40 tokens fit a wide screen; on a phone the map alone scrolls, with its rows' heads in sight", async () => {
    const wide = await open([long], "light");
    const fits = () => wide.locator(".scroll").evaluate((box) => box.scrollWidth <= box.clientWidth);
    expect(await fits()).toBe(true);
    await wide.close();
    const phone = await open([long, korean], "dark", 400);
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
    await phone
      .locator(".scroll")
      .first()
      .evaluate((box) => box.scrollBy(300, 0));
    const head = await phone.locator("tbody th").first().boundingBox();
    expect(head?.x).toBeGreaterThanOrEqual(0);
    expect(head?.x).toBeLessThan(40);
    await phone.close();
  });
});
