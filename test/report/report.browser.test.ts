import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPlotSource } from "../../src/cli/reports.js";
import { type Chart, type Report, renderReport } from "../../src/report/report.js";
import { grid } from "../../src/tasks/exercises/exercise.js";
import { launchChromium, skipWithoutChromium } from "../helpers/chromium.js";

const render = (report: Report): string => renderReport(report, readPlotSource());

const nothing: Report = {
  title: "empty",
  summary: [],
  charts: [],
  answers: [],
  texts: [],
  settings: [],
  command: "seqloom train",
};

const accuracy: Chart = {
  title: "Exact match",
  x: "epoch",
  y: "exact match",
  unit: "percent",
  lines: [
    { name: "plain", xs: [1, 2, 3], ys: [0.01, 0.04, 0.108] },
    { name: "peeky", xs: [1, 2, 3], ys: [0.2, 0.7, 0.984] },
  ],
};

const sample: Report = {
  title: "addition · peeky, reversed",
  summary: [{ label: "exact match", value: "98.4 %" }],
  charts: [accuracy],
  answers: [
    {
      title: "Two questions",
      rows: [
        { question: "77+85", reference: "162", prediction: "162" },
        { question: "600+257", reference: "857", prediction: "847" },
      ],
    },
  ],
  grids: [
    {
      title: "Exact match by length",
      ...{ row: "digits of the first", column: "digits of the second" },
      cells: grid(9, 9).map(({ row, column }, i) => {
        const share = 1 - i / 80;
        return {
          ...{ row: String(row), column: String(column), share },
          ...{ value: `${(100 * share).toFixed(1)} %`, note: "200 questions" },
        };
      }),
    },
  ],
  texts: [{ title: "you say goodbye", text: "you say goodbye to the <unk>\nand hello" }],
  settings: [{ label: "hidden size", value: "128" }],
  command: "seqloom train seq2seq addition --preset peeky --reverse",
};

/** One line over `xs`, flat, so that a hole in it is a hole in the ink. */
const flat = (name: string, xs: number[], height = 1) => ({ name, xs, ys: xs.map(() => height) });
const chartOf = (...lines: Chart["lines"]): Chart => ({ title: "chart", x: "x", y: "y", lines });

/** What the page hands to its drawing function. */
function plotted(html: string): unknown {
  const [, json = ""] = /\(uPlot, (.*)\);\n<\/script>/.exec(html) ?? [];
  return JSON.parse(json);
}

describe("the page", () => {
  test("holds the headline numbers, settings, answers, texts and command", () => {
    const html = render(sample);
    expect(html).toContain("<dt>exact match</dt><dd>98.4 %</dd>");
    expect(html).toContain("<dt>hidden size</dt><dd>128</dd>");
    expect(html).toMatch(/<tr class="right"><td>77\+85<\/td><td>162<\/td>.*☑.* 162<\/td>/);
    expect(html).toMatch(/<tr class="wrong"><td>600\+257<\/td><td>857<\/td>.*☒.* 847<\/td>/);
    expect(html).toContain("you say goodbye to the &#60;unk&#62;\nand hello");
    expect(html).toContain("seqloom train seq2seq addition --preset peeky --reverse</code>");
  });

  test("escapes every string of the data", () => {
    const evil = `</script></title></style><img src=x onerror="alert('1')">&amp;<!--`;
    const html = render({
      title: evil,
      summary: [{ label: evil, value: evil }],
      charts: [{ title: evil, x: evil, y: evil, lines: [{ name: evil, xs: [1], ys: [1] }] }],
      answers: [{ title: evil, rows: [{ question: evil, reference: evil, prediction: evil }] }],
      grids: [
        {
          title: evil,
          row: evil,
          column: evil,
          cells: [{ row: evil, column: evil, share: 1, value: evil, note: evil }],
        },
      ],
      texts: [{ title: evil, text: evil }],
      settings: [{ label: evil, value: evil }],
      command: evil,
    });
    expect(html).not.toContain("<img");
    expect(html).not.toContain("<!--");
    expect(html).toContain("&#38;amp;");
    for (const tag of ["script", "title", "style"]) expect(html.split(`</${tag}`)).toHaveLength(2);
    expect(plotted(html)).toMatchObject([{ title: evil, x: evil, y: evil, lines: [{ name: evil }] }]);
  });

  test("loads nothing: no addresses in attributes or styles, and a policy that forbids them", () => {
    const html = render(sample);
    expect(html).not.toMatch(/<link|<iframe|<img|@import|url\(/i);
    expect(html).not.toMatch(/\b(?:src|href)\s*=\s*["']?\s*(?:https?:)?\/\//i);
    expect(html).toContain("default-src 'none'");
  });

  test("carries uPlot's licence with uPlot", () => {
    expect(render(sample)).toContain("Leon Sorokin");
  });

  test("leaves out what there is nothing of", () => {
    const html = render({
      ...nothing,
      charts: [chartOf(), chartOf(flat("a", []), flat("b", [Number.NaN]))],
    });
    expect(html).not.toMatch(/<script|<figure|<table|<dl|Settings/);
  });
});

describe("the data of a chart", () => {
  test("has null where a y is not finite and no point where an x is not", () => {
    const line = {
      name: "loss",
      xs: [1, 2, 3, Number.NaN, 5, Number.POSITIVE_INFINITY],
      ys: [Number.NaN, 2, Number.NEGATIVE_INFINITY, 4, 5, 6],
    };
    expect(plotted(render({ ...nothing, charts: [chartOf(line)] }))).toEqual([
      {
        title: "chart",
        x: "x",
        y: "y",
        percent: false,
        lines: [{ name: "loss", xs: [1, 2, 3, 5], ys: [null, 2, null, 5] }],
      },
    ]);
  });

  test("drops ys that have no x", () => {
    const line = { name: "loss", xs: [1, 2], ys: [1, 2, 3] };
    expect(plotted(render({ ...nothing, charts: [chartOf(line)] }))).toMatchObject([
      { lines: [{ xs: [1, 2], ys: [1, 2] }] },
    ]);
  });
});

describe.skipIf(skipWithoutChromium)("in Chromium", () => {
  let started: { browser: Browser; folder: string } | undefined;

  beforeAll(async () => {
    started = { browser: await launchChromium(), folder: mkdtempSync(join(tmpdir(), "seqloom-report-")) };
  });
  afterAll(async () => {
    if (started === undefined) return;
    await started.browser.close();
    rmSync(started.folder, { recursive: true });
  });

  /** Opens the report from disk, and fails on any message, error or request besides the page itself. */
  async function open(report: Report): Promise<Page> {
    if (started === undefined) throw new Error("no browser");
    const file = join(started.folder, "report.html");
    writeFileSync(file, render(report));
    const page = await started.browser.newPage({ viewport: { width: 1280, height: 900 } });
    const seen: string[] = [];
    page.on("console", (message) => seen.push(message.text()));
    page.on("pageerror", (error) => seen.push(error.message));
    page.on("request", (request) => seen.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect(seen).toEqual([pathToFileURL(file).href]);
    return page;
  }

  /** The widest hole in the first, blue line of a chart, as a fraction of that line's width. */
  function widestHole(page: Page): Promise<number> {
    return page.locator("canvas").evaluate((canvas) => {
      if (!(canvas instanceof HTMLCanvasElement)) throw new Error("not a canvas");
      const { width, height } = canvas;
      const pixels = canvas.getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
      const inked = new Set<number>();
      for (let i = 0; i < pixels.length; i += 4) {
        const [red = 0, green = 0, blue = 0, alpha = 0] = pixels.slice(i, i + 4);
        if (red < 60 && green > 80 && blue > 140 && alpha > 200) inked.add((i / 4) % width);
      }
      const columns = [...inked].sort((a, b) => a - b);
      const holes = columns.slice(1).map((column, i) => column - (columns[i] ?? column) - 1);
      return Math.max(...holes) / (Math.max(...columns) - Math.min(...columns));
    });
  }

  test("every chart is drawn, with no console message and no request", async () => {
    const page = await open({ ...sample, charts: [accuracy, chartOf(flat("one point", [1])), accuracy] });
    const boxes = await Promise.all((await page.locator("canvas").all()).map((canvas) => canvas.boundingBox()));
    expect(boxes).toHaveLength(3);
    for (const box of boxes) {
      expect(box?.width).toBeGreaterThan(300);
      expect(box?.height).toBeGreaterThan(200);
    }
    await page.close();
  });

  test("names that try to end the script are drawn like any other", async () => {
    const name = "</script><b>bold</b>";
    const page = await open({ ...sample, charts: [{ ...chartOf(flat(name, [1, 2])), title: name }] });
    expect(await page.locator("h2").first().textContent()).toBe(name);
    expect(await page.locator(".u-legend").textContent()).toContain(name);
    await page.close();
  });

  test("the legend tells where each line ended, and under the pointer the values there", async () => {
    const page = await open(sample);
    const legend = page.locator(".u-legend");
    expect(await legend.locator(".u-value").allTextContents()).toEqual(["3", "10.8\u202f%", "98.4\u202f%"]);
    await page.locator(".u-over").hover();
    await expect.poll(() => legend.locator(".u-value").allTextContents()).toEqual(["2", "4.0\u202f%", "70.0\u202f%"]);
    await page.close();
  });

  test("a y that is not finite is a gap, from the point before it to the point after", async () => {
    const line = { name: "a", xs: [1, 2, 3, 4, 5], ys: [1, 1, Number.NaN, 1, 1] };
    const alone = await open({ ...nothing, charts: [chartOf(line)] });
    expect(await widestHole(alone)).toBeCloseTo(0.5, 1);
    await alone.close();
    const beside = await open({ ...nothing, charts: [chartOf(line, flat("b", [2.5, 3.5], 2))] });
    expect(await widestHole(beside)).toBeCloseTo(0.5, 1);
    await beside.close();
  });

  test("a line is drawn through the xs that only another line has", async () => {
    const page = await open({ ...nothing, charts: [chartOf(flat("a", [1, 5]), flat("b", [2, 3, 4, 6], 2))] });
    expect(await widestHole(page)).toBeLessThan(0.02);
    await page.close();
  });

  test.each(["light", "dark"] as const)(
    "a grid is shaded the more the higher the score, and can be read everywhere: %s",
    async (colorScheme) => {
      const page = await open(sample);
      await page.emulateMedia({ colorScheme });
      await page.evaluate(axe.source);
      const cells = page.locator(".grid tbody td");
      const shades = await cells.evaluateAll((all) =>
        all.map((cell) => {
          const canvas = new OffscreenCanvas(1, 1).getContext("2d");
          if (!canvas) return -1;
          canvas.fillStyle = getComputedStyle(cell).backgroundColor;
          canvas.fillRect(0, 0, 1, 1);
          return canvas.getImageData(0, 0, 1, 1).data[3] ?? -1;
        }),
      );
      expect(shades.length).toBe(81);
      expect(shades.every((shade, i) => i === 0 || shade <= (shades[i - 1] ?? 0))).toBe(true);
      expect([(shades[0] ?? 0) > 100, shades[80]]).toEqual([true, 0]);
      const result = await page.evaluate(
        "axe.run('.grid', { runOnly: ['color-contrast', 'td-headers-attr', 'scope-attr-valid'] })",
      );
      expect(result).toMatchObject({ violations: [], incomplete: [] });
      await page.close();
    },
  );

  test("a phone's width needs no sideways scrolling", async () => {
    const page = await open(sample);
    await page.setViewportSize({ width: 400, height: 800 });
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
    await expect.poll(async () => (await page.locator("canvas").boundingBox())?.width).toBeLessThan(400);
    await page.close();
  });
});
