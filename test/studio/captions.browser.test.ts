import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnswerOptions } from "../../src/decode/answer.js";
import { type Prediction, predictSources } from "../../src/decode/predict.js";
import type { Backend } from "../../src/engine/backend/backend.js";
import { writeModel } from "../../src/files/model-file.js";
import { openBackend } from "../../src/node/backend.js";
import { decodePicture } from "../../src/node/packages.js";
import { Pictures } from "../../src/tasks/captions/pictures.js";
import { paintScene } from "../../src/tasks/captions/shape-scenes.js";
import { shapes } from "../../src/tasks/captions/shapes.js";
import { findingsIn } from "../helpers/axe.js";
import { skipWithoutChromium } from "../helpers/chromium.js";
import { makeFolder } from "../helpers/folder.js";
import { photoOf, pngOf, skipWithoutSharp } from "../helpers/pictures.js";
import { makeTransferCaptioner, shapeFormat, trainShapeCaptioner } from "../helpers/shape-captioner.js";
import { openPanel, useStudio } from "../helpers/studio.js";

const poll = <T>(ask: () => Promise<T>) => expect.poll(ask, { timeout: 20_000 });
const { height, width } = shapeFormat;

/** What the studio draws as its picture of this number, and a true caption. */
function drawn(number: number): { pixels: Uint8Array; caption: string | undefined } {
  const [first] = shapes({ count: 20, captions: 1, seed: number }).test;
  if (!first) throw new Error("expected a picture");
  return { pixels: paintScene(first.scene, height), caption: first.captions[0] };
}

describe.skipIf(skipWithoutChromium)("a model that describes pictures", () => {
  const studio = useStudio();
  let backend: Backend;
  let captioner: Awaited<ReturnType<typeof trainShapeCaptioner>>;
  beforeAll(async () => {
    backend = await openBackend("wasm", { threads: 1 });
    captioner = await trainShapeCaptioner(backend);
  }, 120_000);
  afterAll(() => backend?.close());

  /** What the library says of pixels. */
  function predictPixels(pixels: Uint8Array, options: AnswerOptions = {}): Prediction {
    const sources = new Pictures([height, width, 3], [pixels], shapeFormat);
    const named = { inputs: ["picture"], sources };
    const [found] = predictSources(backend, captioner.model, captioner.tokenizer, named, options);
    if (!found) throw new Error("expected a caption");
    return found;
  }

  async function openModel(name: string, bytes: Uint8Array): Promise<void> {
    const { page } = studio;
    await openPanel(page, "Save & share");
    const buffer = { name: `${name}.safetensors`, mimeType: "application/octet-stream", buffer: Buffer.from(bytes) };
    await page.locator("input[type=file]").setInputFiles(buffer);
    await poll(() => page.getByRole("combobox", { name: "Run" }).locator("option:checked").textContent()).toContain(
      name,
    );
  }

  const caption = (): Locator => studio.page.locator(".says .caption");
  const shownScore = async (): Promise<number> =>
    Number(/log-probability (-[\d.]+)/.exec((await studio.page.locator(".says").textContent()) ?? "")?.[1]);
  const choose = (name: string, bytes: Uint8Array): Promise<void> => {
    const path = join(makeFolder(), name);
    writeFileSync(path, bytes);
    return studio.page.locator(".drop input[type=file]").setInputFiles(path);
  };

  test("is opened from its file, and asked with a picture that is drawn: the library says the same of the same pixels", async () => {
    const { page } = studio;
    await openModel("shapes", writeModel(captioner));
    await openPanel(page, "Ask & write");
    await page.getByRole("heading", { name: "Caption a picture" }).waitFor();
    const said = new Set<string>();
    for (const number of [1, 2, 3]) {
      await page.getByRole("button", { name: "Draw an example" }).click();
      await page.getByRole("img", { name: `Drawing ${number}` }).waitFor();
      const { pixels, caption: reference } = drawn(number);
      const { output, score } = predictPixels(pixels);
      said.add(output);
      expect(await caption().textContent()).toBe(output);
      const hints = (await page.locator(".says").textContent()) ?? "";
      expect(hints).toContain(`A reference caption: ${reference}`);
      expect(await shownScore()).toBeCloseTo(score, 3);
      expect(hints).toContain("The model sees it at 24 × 24 pixels.");
    }
    expect(said.size).toBeGreaterThan(1);
  }, 60_000);

  test("is asked again, by a search: the next best are those of the library", async () => {
    const { page } = studio;
    await page.getByLabel("Decoding").selectOption("search");
    await page.getByLabel("Beam width").fill("4");
    await page.getByRole("button", { name: "Caption it again" }).click();
    const { output, others = [] } = predictPixels(drawn(3).pixels, { beam: 4, nBest: 4 });
    const shown = async () =>
      (await page.locator(".says .others li").allTextContents()).map((text) => text.replace(/ probability \S+$/, ""));
    await poll(shown).toEqual(others.map((other) => other.output));
    expect(others).toHaveLength(3);
    expect(await caption().textContent()).toBe(output);
  });

  test("shows where it looked at each word, by keyboard and by pointer", async () => {
    const { page } = studio;
    const { attention } = predictPixels(drawn(3).pixels, { beam: 4, keepAttention: true });
    const tokens = page.locator(".looks .token");
    expect(await tokens.allTextContents()).toEqual(attention?.target);
    expect(await page.locator(".light").count()).toBe(0);
    /** What the light on the picture must be: a shade that is thinnest where the model looked most. */
    const expectLight = async (t: number): Promise<void> => {
      const weights = [...(attention?.weights[t] ?? [])];
      const most = weights.indexOf(Math.max(...weights));
      const shades = await page
        .locator(".light rect")
        .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute("fill-opacity"))));
      expect(shades).toHaveLength(36);
      for (const [s, shade] of shades.entries())
        expect(shade).toBeCloseTo(0.8 * (1 - (weights[s] ?? 0) / (weights[most] ?? 1)), 2);
      const percent = (100 * (weights[most] ?? 0)).toFixed(1);
      const place = `row ${Math.floor(most / 6) + 1}, column ${(most % 6) + 1}: ${percent}%`;
      expect(await page.locator(".says [role=status]").textContent()).toBe(
        `${attention?.target[t]}: the largest attention weight is at ${place}`,
      );
    };
    await tokens.first().focus();
    await expectLight(0);
    for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
    await expectLight(3);
    expect(await tokens.nth(3).getAttribute("aria-pressed")).toBe("true");
    await tokens.nth(1).hover();
    await expectLight(1);
    await page.mouse.move(0, 0);
    await expectLight(3);
    await page.locator("h2").first().click();
    await poll(() => page.locator(".light").count()).toBe(0);
  });

  test.skipIf(skipWithoutSharp)("sees a file that is dropped, on white where it is transparent", async () => {
    const { page } = studio;
    await page.getByLabel("Decoding").selectOption("mostProbable");
    const { pixels } = drawn(7);
    const isPaper = (i: number): boolean => i < 24 * 8; // the upper third is cut out
    const rgba = Uint8Array.from({ length: height * width * 4 }, (_, i) =>
      i % 4 === 3 ? (isPaper(i >> 2) ? 0 : 255) : (pixels[3 * (i >> 2) + (i % 4)] ?? 0),
    );
    const png = await pngOf(rgba, { height, width });
    await page.locator(".drop").dispatchEvent("drop", { dataTransfer: await fileTransfer("cut.png", png) });
    await page.getByRole("img", { name: "cut.png" }).waitFor();
    const onWhite = pixels.map((value, i) => (isPaper(Math.floor(i / 3)) ? 255 : value));
    expect(await caption().textContent()).toBe(predictPixels(onWhite).output);
  });

  test.skipIf(skipWithoutSharp)(
    "sees a picture that is pasted; a text that is pasted goes where it belongs",
    async () => {
      const { page } = studio;
      const png = await pngOf(drawn(5).pixels, { height, width });
      await page.evaluate(
        (clipboardData) => document.dispatchEvent(new ClipboardEvent("paste", { clipboardData })),
        await fileTransfer("image.png", png),
      );
      await page.getByRole("img", { name: "image.png" }).waitFor();
      expect(await caption().textContent()).toBe(predictPixels(drawn(5).pixels).output);
      const isLeft = await page.evaluate(`document.dispatchEvent(new ClipboardEvent("paste",
      { clipboardData: new DataTransfer(), cancelable: true }))`);
      expect(isLeft).toBe(true);
    },
  );

  const fileTransfer = (name: string, bytes: Uint8Array) =>
    studio.page.evaluateHandle(
      ([called, values]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([Uint8Array.from(values)], called));
        return transfer;
      },
      [name, [...bytes]] as const,
    );

  test.skipIf(skipWithoutSharp)("sees a photo that was taken on its side as the command line does", async () => {
    const { page } = studio;
    const scene = shapes({ count: 20, captions: 1, seed: 9 }).test[0]?.scene;
    if (!scene) throw new Error("expected a picture");
    const photo = await photoOf(paintScene(scene, 900), 900);
    await choose("photo.jpg", photo);
    const picture = page.getByRole("img", { name: "photo.jpg" });
    await picture.waitFor();
    const box = await picture.boundingBox();
    expect((box?.height ?? 0) / (box?.width ?? 1)).toBeCloseTo(1.5, 1);
    const { output, score } = predictPixels(await decodePicture("photo.jpg", photo, shapeFormat));
    expect(await caption().textContent()).toBe(output);
    expect(Math.abs((await shownScore()) - score)).toBeLessThan(0.1);
  });

  test("refuses what is no picture, and a broken one; the last caption stays", async () => {
    const alert = studio.page.getByRole("alert");
    const before = await caption().textContent();
    await choose("notes.png", new TextEncoder().encode("nothing to see"));
    await poll(() => alert.textContent()).toContain(
      "notes.png: expected a PNG, JPEG or WebP picture, got another kind of file. save it as PNG",
    );
    await choose("cut.png", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13));
    await poll(() => alert.textContent()).toContain(
      "cut.png: expected a valid PNG file, got a corrupt one. copy it again",
    );
    await choose("empty.jpg", new Uint8Array());
    await poll(() => alert.textContent()).toContain(
      "empty.jpg: expected a PNG, JPEG or WebP picture, got an empty file.",
    );
    expect(await caption().textContent()).toBe(before);
  });

  test("has a place in every view", async () => {
    const { page } = studio;
    await openPanel(page, "Look inside");
    await page.getByText("This model reads pictures: its attention is shown with the captions.").waitFor();
    await openPanel(page, "How it works");
    const said = await page.locator(".how").textContent();
    expect(said).toContain("the decoder computes weights over the regions of the grid");
    expect(said).toContain("1 LSTM layer, embedding size D = 24, hidden size H = 48.");
    await openPanel(page, "Save & share");
    expect(await page.locator("pre.command").textContent()).toBe("npx seqloom predict shapes.safetensors picture.png");
    await openPanel(page, "Compare");
    expect(await page.locator("table.runs tbody tr").count()).toBe(1);
    await openPanel(page, "Train");
    await page.locator(".run-head").getByText("from a file").waitFor();
  });

  test("is there after a reload, and fits a phone, in Korean too, with nothing serious for axe-core", async () => {
    const { page } = studio;
    await page.setViewportSize({ width: 360, height: 740 });
    await page.reload();
    await page.locator(".page-tools select").selectOption("ko");
    await page.getByRole("link", { name: "묻기와 쓰기" }).click();
    await page.getByRole("button", { name: "하나 그리기" }).click();
    await page.locator(".looks .token").nth(1).click();
    await page.locator(".light").waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const view of ["ask", "inside", "how"])
        expect(await findingsIn(page, view), `${view}, ${colorScheme}`).toEqual([]);
      await page.getByRole("link", { name: "묻기와 쓰기" }).click();
      await page.getByRole("button", { name: "하나 그리기" }).click();
      await caption().waitFor();
      expect(await findingsIn(page, "ask"), colorScheme).toEqual([]);
    }
    await page.locator(".page-tools select").selectOption("en");
    await page.setViewportSize({ width: 1280, height: 900 });
  }, 60_000);

  test("of another network's features says where it is asked", async () => {
    const { page } = studio;
    await openModel("photos", writeModel(makeTransferCaptioner(backend, "resnet18.onnx")));
    await openPanel(page, "Ask & write");
    await page.getByText("This model uses the image network resnet18.onnx", { exact: false }).waitFor();
    expect(await page.locator("pre.command").textContent()).toBe("npx seqloom predict photos.safetensors picture.png");
    expect(await page.locator("input[type=file]").count()).toBe(0);
    await openPanel(page, "How it works");
    await page.locator(".how").waitFor();
  });

  test("has said nothing on the console", () => {
    expect(studio.complaints).toEqual([]);
  });
});
