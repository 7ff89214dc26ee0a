import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeModel } from "../../src/files/model-file.js";
import { Seq2Seq } from "../../src/models/seq2seq.js";
import { openBackend } from "../../src/node/backend.js";
import { FramePairs } from "../../src/tasks/sounds/frame-codec.js";
import { FrameFormat } from "../../src/tasks/sounds/frames.js";
import { Characters } from "../../src/text/characters.js";
import { launchChromium, skipWithoutChromium } from "../helpers/chromium.js";
import { makeFolder } from "../helpers/folder.js";
import { openStudio, type StudioPage } from "../helpers/studio.js";

/** What an older browser says when it meets an instruction that it does not know. */
const withoutSimd = `WebAssembly.compile = () =>
  Promise.reject(new WebAssembly.CompileError("invalid numeric opcode 0xfd0c, enable with --experimental-wasm-simd"));`;

describe.skipIf(skipWithoutChromium)("what the studio is given in vain", () => {
  let browser: Browser;
  let studio: StudioPage;
  beforeAll(async () => {
    browser = await launchChromium();
    studio = await openStudio(browser);
    const { page } = studio;
    await page.getByLabel("Digits").fill("1");
    await page.getByLabel("Hidden size H").fill("8");
    await page.getByLabel("Epochs").fill("1");
    await page.getByRole("button", { name: "Start training" }).click();
    await page.locator(".run-head .status.done").waitFor();
  }, 60_000);
  afterAll(async () => {
    await studio?.close();
    await browser?.close();
  });

  const state = () => studio.page.locator(".run-head .status").textContent();
  const open = (name: string) => studio.page.getByRole("link", { name, exact: true }).click();

  function file(name: string, content: string | Uint8Array): string {
    const path = join(makeFolder(), name);
    writeFileSync(path, content);
    return path;
  }

  async function choose(task: RegExp, path: string): Promise<void> {
    const { page } = studio;
    await open("Train");
    await page.getByRole("radio", { name: task }).check();
    const remove = page.getByRole("button", { name: "Remove file" });
    if (await remove.isVisible()) await remove.click();
    await page.locator("input[type=file]").setInputFiles(path);
  }

  /** The sentence that the page says, with what to do. */
  async function expectAlert(...sentences: string[]): Promise<void> {
    const alert = studio.page.getByRole("alert");
    for (const sentence of sentences)
      await expect.poll(() => alert.textContent(), { timeout: 20_000 }).toContain(sentence);
  }

  const start = () => studio.page.getByRole("button", { name: "Start training" }).click();

  test("a file that is no text", async () => {
    await choose(/Your own text/, file("image.txt", Uint8Array.of(0x89, 0x50, 0x4e, 0x47)));
    await expectAlert("image.txt: expected UTF-8 text, got another kind of file.", "save it as plain text in UTF-8");
  });

  test("a text that turns out to be none behind its beginning", async () => {
    const bytes = new Uint8Array(10_000).fill(0x61).fill(0xff, 9_000);
    await choose(/Your own text/, file("half.txt", bytes));
    await start();
    await expectAlert("half.txt: expected UTF-8 text, got invalid bytes.");
  });

  test("a file that is larger than memory is refused before it is read", async () => {
    const path = file("huge.txt", "");
    truncateSync(path, 70e6);
    await choose(/Your own text/, path);
    await expectAlert("huge.txt: expected a file of at most 64 MB, got 70 MB.", "use a part of it");
  });

  test("a text and pairs of one line", async () => {
    await choose(/Your own text/, file("line.txt", "one line"));
    await start();
    await expectAlert("line.txt: expected a training set of at least 200 characters, got 6.");
    await choose(/Your own pairs/, file("line.tsv", "cat\tgato"));
    await start();
    await expectAlert("line.tsv: expected at least 10 pairs, got 1.", "put one pair on each line");
  });

  test("a long text of one line is learned from; only a beginning must be given", async () => {
    const { page } = studio;
    await choose(/Your own text/, file("endless.txt", "round and round it goes, ".repeat(100)));
    await page.getByLabel("Hidden size H").fill("8");
    await page.getByLabel("Epochs").fill("1");
    await start();
    const name = () => page.locator(".run-head h2").textContent();
    await expect.poll(name, { timeout: 20_000 }).toContain("endless");
    await expect.poll(state, { timeout: 20_000 }).toBe("done");
    await open("Ask & write");
    const write = page.getByRole("button", { name: "Write", exact: true });
    await write.click();
    await expectAlert("Prompt: expected at least one token, got none.");
    await page.getByLabel("Prompt").fill("round");
    await write.click();
    await expect.poll(() => page.locator(".tokens .token").count(), { timeout: 20_000 }).toBeGreaterThan(100);
  }, 60_000);

  test("model files of other formats", async () => {
    const { page } = studio;
    await open("Save & share");
    const drop = (name: string, content: string | Uint8Array) =>
      page.locator("input[type=file]").setInputFiles(file(name, content));
    await drop("Rnnlm.pkl", Uint8Array.of(0x80, 3, 0x7d, 0x71, 0));
    await expectAlert("Rnnlm.pkl: expected");
    const header = JSON.stringify({ weight: { dtype: "F32", shape: [1], data_offsets: [0, 4] } });
    const length = new Uint8Array(new BigUint64Array([BigInt(header.length)]).buffer);
    await drop("other.safetensors", Buffer.concat([length, Buffer.from(header), new Uint8Array(4)]));
    await expectAlert("other.safetensors: expected");
  });

  test("a model that hears", async () => {
    const backend = await openBackend("wasm", { threads: 1 });
    const format = new FrameFormat({ isSound: false, stack: 1, mean: [0, 0], deviation: [1, 1] });
    const tokenizer = new FramePairs(format, Characters.of(["ab"]), { source: 9, target: 6 });
    const model = Seq2Seq.for(backend, { tokenizer }, { embeddingSize: 3, hiddenSize: 4 }).initialize(1);
    const path = file("ears.safetensors", writeModel({ model, tokenizer }));
    await open("Save & share");
    await studio.page.locator("input[type=file]").setInputFiles(path);
    await expectAlert(
      "ears.safetensors: expected a model that reads text or pictures, got one that reads other files.",
      "use it on the command line: seqloom predict",
    );
    backend.close();
  });

  test("a browser without SIMD says so; the runs are there again where it has it", async () => {
    const { page } = studio;
    const old = await page.context().newPage();
    await old.route("**/worker-*.js", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${withoutSimd}\n${await response.text()}` });
    });
    await old.goto(new URL("/", page.url()).href);
    const alert = old.getByRole("alert");
    await expect.poll(() => alert.textContent(), { timeout: 20_000 }).toContain("This browser cannot run the studio");
    expect(await alert.textContent()).toContain("use a version of Chrome, Edge, Firefox or Safari from 2023 or later");
    expect(await old.getByRole("button", { name: "Start training" }).isDisabled()).toBe(true);
    await old.close();
    await page.reload();
    await open("Ask & write");
    await page.getByRole("combobox", { name: "Run" }).waitFor();
    const names = await page.getByRole("combobox", { name: "Run" }).locator("option").allTextContents();
    expect(names.map((name) => name.split(" ")[0])).toEqual(["endless", "addition"]);
  }, 30_000);

  test("nothing of all that was said on the console", () => {
    expect(studio.complaints).toEqual([]);
  });
});
