import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { openBackend } from "../../src/node/backend.js";
import { folderStorage } from "../../src/node/files.js";
import { nodePicturePorts } from "../../src/node/packages.js";
import { captionRun } from "../../src/run/caption-run.js";
import { captionSettings } from "../../src/tasks/captions/caption-options.js";
import { openCaptionTask } from "../../src/tasks/captions/caption-task.js";
import { readModel } from "../../src/tasks/model-kinds.js";
import { expectFailure, type Report, runForReports, runHere } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";
import { resNet18, vgg16Features } from "../helpers/image-networks.js";
import { skipWithoutOnnx, skipWithoutSharp } from "../helpers/pictures.js";

let cwd = "";
beforeEach(() => {
  cwd = makeFolder();
});

const small = "--hidden-size 16 --embedding-size 8 --batch-size 8 --blocks 4,8 --size 16 --seed 3".split(" ");
const train = (data: string, ...flags: string[]): string[] => ["train", "captions", data, ...small, ...flags];
const evaluationsOf = (reports: readonly Report[]): Report[] => reports.filter(({ kind }) => kind === "evaluation");

/** A folder `photos` of 40 pictures with two captions each. */
async function makePhotos(): Promise<void> {
  await runForReports("data shapes --count 40 --write photos --size 32".split(" "), cwd);
}

describe("captions of the generator's shapes", () => {
  test("are learned, judged, evaluated alike, and leave a page with pictures", async () => {
    const reports = await runForReports(train("shapes", "--count", "100", "--epochs", "2"), cwd);
    const [first, second] = evaluationsOf(reports);
    expect(Number(second?.["loss"])).toBeLessThan(Number(first?.["loss"]));
    expect(first).toMatchObject({ set: "valid", count: 5 });
    const { config, tokenizer, training } = readModel("m", readFileSync(join(cwd, "shapes-pixels.safetensors")));
    expect(config).toMatchObject({
      kind: "captioner",
      height: 16,
      width: 16,
      channels: 3,
      blocks: [4, 8],
      hiddenSize: 16,
    });
    expect(tokenizer).toMatchObject({ source: { format: { height: 16, width: 16, channels: "rgb" } } });
    expect(training).toMatchObject({ data: "shapes", seed: 3, options: { count: 100 } });

    const [scored] = await runForReports(["eval", "shapes-pixels.safetensors", "shapes"], cwd);
    expect(scored).toMatchObject({ kind: "evaluation", set: "test", count: 10 });
    for (const name of ["exactMatch", "judged", "bleu", "chrf"] as const)
      expect(scored?.[name]).toBe(training?.scores[name]);
    const page = readFileSync(join(cwd, "shapes-pixels.html"), "utf8");
    expect(page.match(/<img src="data:image\/bmp;base64,[\w+/=]+" alt="test \d+">/g)).toHaveLength(10);
  });

  test("are the same to the last bit where a run is cut in two and goes on", async () => {
    const settings = captionSettings({
      seed: 3,
      hiddenSize: 8,
      embeddingSize: 4,
      batchSize: 8,
      blocks: "4",
      size: 16,
      epochs: 3,
      dropout: 0.3,
    });
    const backend = await openBackend(undefined, { threads: 1 });
    const data = await openCaptionTask("shapes", { count: 40, skipInvalid: false, seed: 3 }, nodePicturePorts()).load(
      settings,
    );
    const place = (name: string): string => join(cwd, name);
    const [whole, checkpoint, out] = [place("whole"), place("checkpoint"), place("out")];
    const storage = folderStorage();
    const files = { storage, checkpoint, out };
    for await (const _ of captionRun(backend, data, settings).train({ files: { storage, out: whole } }));
    for await (const report of captionRun(backend, data, settings).train({ files }))
      if (report.kind === "saved" && report.why === "checkpoint") break; // as if killed behind its first epoch
    const again = captionRun(backend, data, settings);
    expect(await again.resume(files)).toBe(true);
    expect(again.steps).toBeGreaterThan(0);
    for await (const _ of again.train({ files }));
    expect(readFileSync(out).equals(readFileSync(whole))).toBe(true);
  });

  test("are shown, and written into a folder that captions can be learned from", async () => {
    const shown = await runHere("data shapes --count 40".split(" "), cwd);
    expect(shown.stdout).toContain("test   4 pictures of 48 × 48");
    expect(shown.stdout).toContain("a above and below black blue circle cross");
    if (skipWithoutSharp) return;
    await makePhotos();
    expect(readdirSync(join(cwd, "photos"))).toHaveLength(41);
    const [row = ""] = readFileSync(join(cwd, "photos/captions.tsv"), "utf8").split("\n");
    expect(row).toMatch(/^00001\.png\ta (small|large) \w+ \w+/);
    const message = "photos/captions.tsv: expected a new file, got one that exists.";
    const hint = "replace it with --force, or choose another folder";
    await expectFailure("data shapes --count 40 --write photos".split(" "), cwd, { status: 2, message, hint });
  });

  test("refuse options that only a folder has", async () => {
    const message = "--format: expected a folder of pictures, got the generator shapes.";
    await expectFailure(train("shapes", "--format", "tsv"), cwd, { status: 2, message });
  });
});

describe.skipIf(skipWithoutSharp)("captions of a folder of pictures", () => {
  test("are learned, and answered picture by picture, from arguments and from standard input", async () => {
    await makePhotos();
    const reports = await runForReports(train("photos", "--epochs", "1"), cwd);
    expect(reports.at(-1)).toMatchObject({ kind: "done" });
    const files = ["photos/00001.png", "photos/00002.png"];
    const answers = await runForReports(["predict", "photos-pixels.safetensors", ...files], cwd);
    expect(answers.map(({ input }) => input)).toEqual(files);
    const [scored] = await runForReports(["eval", "photos-pixels.safetensors", "photos"], cwd);
    expect(scored).toMatchObject({ set: "test" });
    expect(scored).not.toHaveProperty("judged");
    expect(Number(scored?.["bleu"])).toBeGreaterThanOrEqual(0);
    const shown = await runHere(["inspect", "photos-pixels.safetensors"], cwd);
    expect(shown.stdout).toMatch(/^reads +pictures of 16 × 16$/m);
  });

  test("show where the model looked, word by word", async () => {
    await makePhotos();
    await runForReports(train("photos", "--epochs", "1"), cwd);
    const [answer] = await runForReports(
      ["predict", "photos-pixels.safetensors", "photos/00001.png", "--attention-html", "looks.html"],
      cwd,
    );
    const page = readFileSync(join(cwd, "looks.html"), "utf8");
    const words = String(answer?.["output"]).split(" ").length;
    expect(page.match(/<div class="tile p0" style="--columns:4">/g)).toHaveLength(words);
    expect(page.match(/<i style="--veil:\d+%"/g)).toHaveLength(16 * words);
    expect(page.match(/url\(data:image\/bmp;base64,/g)).toHaveLength(1);
  });

  test("are refused with a broken picture, or learned without it, which is counted", async () => {
    await makePhotos();
    writeFileSync(join(cwd, "photos/00003.png"), "no picture");
    const message = "photos/00003.png: expected a picture in PNG, JPEG or WebP form, got something else.";
    await expectFailure(train("photos"), cwd, { status: 1, message, hint: "save it as PNG" });
    const { stderr } = await runHere(train("photos", "--skip-invalid", "--epochs", "1"), cwd);
    expect(stderr).toContain("1 broken picture skipped");
    const wrong = ["predict", "photos-pixels.safetensors", "photos/00003.png"];
    await expectFailure(wrong, cwd, { status: 1, message, hint: "save it as PNG" });
  });

  test("are tested on another folder's pictures, those that are also trained on known behind a broken one", async () => {
    await makePhotos();
    mkdirSync(join(cwd, "other"));
    writeFileSync(join(cwd, "other/00002.png"), "no picture");
    writeFileSync(join(cwd, "other/captions.tsv"), "00002.png\ta cross\n../photos/00001.png\ta circle\n");
    const options = { test: join(cwd, "other/captions.tsv"), valid: "0", skipInvalid: true, seed: 1 };
    const task = openCaptionTask(join(cwd, "photos"), options, nodePicturePorts());
    const { test: tested } = await task.load(captionSettings({ seed: 1, size: 16 }));
    expect([tested.texts?.map(({ target }) => target), task.overlap()]).toEqual([["a circle"], [0]]);

    const flags = ["--test", "other/captions.tsv"];
    const message = "other/00002.png: expected a picture in PNG, JPEG or WebP form, got something else.";
    await expectFailure(train("photos", ...flags), cwd, { status: 1, message, hint: "save it as PNG" });
    const { stderr } = await runHere(train("photos/captions.tsv", ...flags, "--skip-invalid", "--epochs", "1"), cwd);
    expect(stderr).toContain("1 of the 2 test captions have a picture that also occurs in training");
    const [scored] = await runForReports(
      ["eval", "captions-pixels.safetensors", "other/captions.tsv", ..."--on all --skip-invalid".split(" ")],
      cwd,
    );
    expect(scored).toMatchObject({ count: 1 });
  });

  test("make a model that is called as the folder is, whole, from wherever it is seen", async () => {
    const folder = join(cwd, "photos.2024");
    await runForReports("data shapes --count 24 --captions 1 --write photos.2024 --size 16".split(" "), cwd);
    const once = ["--epochs", "1"];
    await runForReports(train(".", ...once), folder);
    expect(existsSync(join(folder, "photos.2024-pixels.safetensors"))).toBe(true);
    await runForReports(train("photos.2024", ...once), cwd);
    const file = "photos.2024-pixels.safetensors";
    expect(readModel(file, readFileSync(join(cwd, file))).training?.data).toBe("photos.2024");
  });

  test("suggest the generator where its name is mistyped", async () => {
    await expectFailure(train("shape"), cwd, {
      status: 1,
      message: `shape: expected a data file or the name of a generator, got neither; looked for shape, ${join(cwd, "seqloom/shape")}.`,
      hint: "did you mean shapes?",
    });
  });

  test("name a file that is not there", async () => {
    await expectFailure(train("nowhere"), cwd, {
      status: 1,
      message: `nowhere: expected a data file or the name of a generator, got neither; looked for nowhere, ${join(cwd, "seqloom/nowhere")}.`,
      hint: "name a folder of pictures, a list of captions, or shapes",
    });
  });
});

describe.skipIf(skipWithoutOnnx || skipWithoutSharp)("with an image network", () => {
  const transfer = [
    "--hidden-size",
    "16",
    "--embedding-size",
    "8",
    "--batch-size",
    "8",
    "--epochs",
    "1",
    "--seed",
    "3",
  ];

  test.each([
    ["ResNet-18", resNet18, "grid", [], [7, 7, 512]],
    ["VGG-16's features", vgg16Features, "features", ["--size", "64"], [2, 2, 512]],
  ] as const)(
    "in the shape of %s, captions are learned from its features, which are kept, and answered with it",
    async (_, make, output, flags, [height, width, channels]) => {
      await runForReports("data shapes --count 24 --captions 1 --write photos".split(" "), cwd);
      mkdirSync(join(cwd, "nets"));
      writeFileSync(join(cwd, "nets/net.onnx"), make());
      const command = ["train", "captions", "photos", ...transfer, "--cnn", "nets/net.onnx", "--cnn-output", output];
      const reports = await runForReports([...command, ...flags, "--cache", "cache"], cwd);
      expect(evaluationsOf(reports)[0]).toMatchObject({ epoch: 1 });
      const kept = (): number =>
        readdirSync(join(cwd, "cache"), { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
          .length;
      expect(kept()).toBe(24);
      const model = "photos-transfer.safetensors";
      const { config, tokenizer } = readModel(model, readFileSync(join(cwd, model)));
      expect(config).toMatchObject({ height, width, channels, blocks: [] });
      expect(tokenizer).toMatchObject({
        source: { format: { network: { file: "net.onnx", output, layout: "nchw" } } },
      });

      const ask = ["predict", model, "photos/00001.png", "--cache", "cache"];
      const lost = await runHere(ask, cwd);
      expect(lost.stderr).toContain("net.onnx: expected the network with which the model was trained (SHA-256 ");
      const [answer] = await runForReports([...ask, "--cnn", "nets/net.onnx"], cwd);
      writeFileSync(join(cwd, "net.onnx"), readFileSync(join(cwd, "nets/net.onnx")));
      expect(await runForReports(ask, cwd)).toEqual([answer]);
      expect(kept()).toBe(24);
      writeFileSync(join(cwd, "net.onnx"), "another");
      expect((await runHere(ask, cwd)).stderr).toContain("got another one in net.onnx");
      expect(existsSync(join(cwd, "photos-transfer.html"))).toBe(true);
    },
    60_000,
  );

  test.each([
    ["--blocks", "16", "16"],
    ["--preset", "pixels", "16,32,64"],
  ])("a vector is refused for convolutions: %s %s", async (flag, value, blocks) => {
    await runForReports("data shapes --count 24 --captions 1 --write photos".split(" "), cwd);
    writeFileSync(join(cwd, "net.onnx"), resNet18());
    const network = ["--cnn", "net.onnx", "--cnn-output", "features", "--cache", "cache"];
    await expectFailure(["train", "captions", "photos", ...transfer, ...network, flag, value, "--quiet"], cwd, {
      status: 2,
      message: `--blocks: expected none for net.onnx, whose output features is a vector, got ${blocks}.`,
      hint: "--cnn-output can name an output that is a grid; or leave out --blocks and --preset",
    });
  });

  test("an output without a network, and a deviation of 0, are refused", async () => {
    await runForReports("data shapes --count 24 --write photos".split(" "), cwd);
    await expectFailure(train("photos", "--cnn-output", "grid"), cwd, {
      status: 2,
      message: "--cnn-output: expected --cnn too, got none.",
      hint: "it names a value of that network",
    });
    await expectFailure(train("photos", "--cache", "kept"), cwd, {
      status: 2,
      message: "--cache: expected --cnn too, got none.",
      hint: "it keeps what that network says",
    });
    await expectFailure(train("photos", "--cnn", "missing.onnx"), cwd, {
      status: 1,
      message: `missing.onnx: expected an image network in ONNX form, got no such file; looked for missing.onnx, ${join(cwd, "seqloom/missing.onnx")}.`,
      hint: "docs/captions.md says how to get one",
    });
    await expectFailure(train("photos", "--deviation", "1,0,1"), cwd, {
      status: 2,
      message: "--deviation: expected numbers above 0, got 1,0,1.",
    });
  });
});
