import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { DataError } from "../../../src/engine/errors.js";
import { nodeFiles } from "../../../src/node/data-files.js";
import { type CaptionList, openCaptions } from "../../../src/tasks/captions/caption-files.js";
import { openCaptionTask } from "../../../src/tasks/captions/caption-task.js";
import type { Notice } from "../../../src/tasks/task.js";
import { expectError } from "../../helpers/errors.js";
import { makeFolder } from "../../helpers/folder.js";

/** Pictures are not decoded here. */
const ports = { files: nodeFiles(), pictures: { decode: async () => new Uint8Array() } };

let folder = "";
beforeEach(() => {
  folder = makeFolder();
});

/** Writes files, pictures among them, which are not looked into here. */
function write(files: Readonly<Record<string, string>>, pictures: readonly string[] = []): void {
  for (const [name, content] of [...Object.entries(files), ...pictures.map((each) => [each, "pixels"] as const)]) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}
type Options = Parameters<typeof openCaptions>[1];
const open = (name = folder, options: Options = {}): CaptionList => openCaptions(name, options, 1, ports);
const all = (source: CaptionList) => (["train", "valid", "test"] as const).flatMap((part) => [...source.pairs(part)]);
const numbers = Array.from({ length: 40 }, (_, i) => i);
const pictures = numbers.map((i) => `${i}.png`);
const tsv = numbers.map((i) => `${i}.png\tone ${i}\n${i}.png\tanother ${i}\n`).join("");

describe("a folder of pictures with captions", () => {
  test("has the captions of its pictures, all of one picture's in one part", () => {
    write({ "captions.tsv": tsv }, pictures);
    const source = open();
    expect([source.name, source.skipped]).toEqual([folder.split("/").at(-1), []]);
    expect(all(source).length).toBe(80);
    expect(all(source)).toContainEqual({ source: join(folder, "7.png"), target: "another 7" });
    const parts = (["train", "valid", "test"] as const).map(
      (part) => new Set(Array.from(source.pairs(part), (p) => p.source)),
    );
    expect(parts.reduce((sum, { size }) => sum + size, 0)).toBe(40);
    expect(parts.every(({ size }) => size > 0)).toBe(true);
  });

  test("may have them as a table with a head, as JSON or as a list of another name beside it", () => {
    const json = numbers.map((i) => `${JSON.stringify({ file: `${i}.png`, caption: `one ${i}` })}\n`).join("");
    const csv = `image,caption\n${numbers.map((i) => `${i}.png,"one ${i}"\n`).join("")}`;
    write({ "a/captions.tsv": `file\tcaption\n${tsv}`, "b/captions.jsonl": json, "c/captions.csv": csv });
    for (const each of ["a", "b", "c"]) {
      write(
        {},
        pictures.map((name) => join(each, name)),
      );
      expect(all(open(join(folder, each)))).toContainEqual({ source: join(folder, each, "3.png"), target: "one 3" });
    }
    write({ "mine.tsv": numbers.map((i) => `a/${i}.png\tone ${i}\n`).join("") });
    const own = open(join(folder, "mine.tsv")); // which need not name all pictures beside it
    expect([own.name, own.skipped]).toEqual(["mine", []]);
    expect(all(own)).toContainEqual({ source: join(folder, "a/3.png"), target: "one 3" });
  });

  test("without a list, or that is not there, is named with what is missing", () => {
    const hint = "write a line for each caption: the picture's file, a tab, and the caption";
    const message = `${folder}: expected one of captions.tsv, captions.jsonl, captions.csv in the folder, got none of them.`;
    expectError(DataError, () => open(), message, hint);
    expect(() => open(join(folder, "none"))).toThrow("expected a data file or the name of a generator, got neither");
  });

  test("with a caption that has no picture names its line, or leaves it out and counts it", () => {
    write({ "captions.tsv": `${tsv}gone.png\tA dog.\ngone.png\tThe dog.\n` }, pictures);
    const message = `${join(folder, "captions.tsv")}:81: expected a picture ${join(folder, "gone.png")}, got no such file.`;
    expectError(DataError, () => open(), message, "skipInvalid leaves such captions out and counts them");
    const source = open(folder, { skipInvalid: true });
    expect([source.skipped, all(source).length]).toEqual([["2 captions without a picture skipped"], 80]);
  });

  test("with a picture that has no caption names it, or leaves it out and counts it", () => {
    write({ "captions.tsv": tsv, "notes.txt": "no picture", ".thumb.png": "hidden" }, [...pictures, "more/extra.JPG"]);
    const message = `${join(folder, "more/extra.JPG")}: expected a caption in captions.tsv, got none.`;
    expectError(DataError, () => open(), message, "skipInvalid leaves such pictures out and counts them");
    expect(open(folder, { skipInvalid: true }).skipped).toEqual(["1 picture without a caption skipped"]);
  });

  test("with a bad row names its line, or leaves it out and counts it", () => {
    write({ "captions.tsv": `${tsv}3.png\n4.png\t\n` }, pictures);
    expect(() => open()).toThrow(`${join(folder, "captions.tsv")}:81: expected 2 columns, as in line 1, got 1.`);
    const { skipped } = open(folder, { skipInvalid: true });
    expect(skipped).toEqual(["2 rows skipped: 1 with other columns than the first, 1 with an empty source or target"]);
  });

  test("is one picture, and in one part, however a list names it", () => {
    const names = (i: number): string[] => [`${i}.png`, `./${i}.png`, `x/../${i}.png`, join(folder, `${i}.png`)];
    write({ "captions.tsv": numbers.flatMap((i) => names(i).map((each) => `${each}\tone ${i}\n`)).join("") }, pictures);
    const source = open();
    expect([all(source).length, new Set(all(source).map((pair) => pair.source)).size]).toEqual([160, 40]);
    const parts = (["train", "valid", "test"] as const).map((part) => [...source.pairs(part)].map((p) => p.source));
    expect(parts.reduce((sum, each) => sum + new Set(each).size, 0)).toBe(40);
  });

  test("may lie elsewhere, where a list has its full path", () => {
    write({ "a/mine.tsv": numbers.map((i) => `${join(folder, "b", `${i}.png`)}\tone ${i}\n`).join("") });
    expect(() => open(join(folder, "a/mine.tsv"))).toThrow(/mine\.tsv:\d+: expected a picture .*\/b\/\d+\.png, got no/);
    write(
      {},
      pictures.map((each) => join("b", each)),
    );
    expect(all(open(join(folder, "a/mine.tsv")))).toContainEqual({ source: join(folder, "b/3.png"), target: "one 3" });
  });
});

describe("a list of its own for the test", () => {
  const lists = { "photos/captions.tsv": tsv, "other/list.tsv": "file\tcaption\n3.png\tthree\n./4.png\tfour\n" };
  const photos = pictures.map((each) => join("photos", each));
  const openBoth = (options: Options = {}): CaptionList =>
    open(join(folder, "photos"), { test: join(folder, "other/list.tsv"), ...options });

  test("has the pictures beside it, though others of these names are trained on", () => {
    write(lists, [...photos, "other/3.png", "other/4.png"]);
    const source = openBoth();
    expect([...source.pairs("test")]).toEqual([
      { source: join(folder, "other/3.png"), target: "three" },
      { source: join(folder, "other/4.png"), target: "four" },
    ]);
    expect([...source.pairs("train")]).toContainEqual({ source: join(folder, "photos/3.png"), target: "one 3" });
    expect(source.skipped).toEqual([]);
  });

  test("names its own line and folder where a picture is missing", () => {
    write(lists, [...photos, "other/3.png"]);
    const message = `${join(folder, "other/list.tsv")}:3: expected a picture ${join(folder, "other/4.png")}, got no such file.`;
    expectError(DataError, openBoth, message, "skipInvalid leaves such captions out and counts them");
    expect([...openBoth({ skipInvalid: true }).pairs("test")].length).toBe(1);
  });

  test("is noted where its pictures are trained on too", () => {
    write({ ...lists, "other/list.tsv": "3.png\tthree\n../photos/5.png\tfive\n" }, [...photos, "other/3.png"]);
    const options = { test: join(folder, "other/list.tsv"), valid: "0", skipInvalid: false, seed: 1 };
    const notices: string[] = [];
    const onNotice = ({ message }: Notice) => notices.push(message);
    const task = openCaptionTask(join(folder, "photos"), options, { ...ports, onNotice });
    expect(task.overlap()).toEqual([1]);
    expect(notices).toEqual(["1 of the 2 test captions have a picture that also occurs in training"]);
  });
});
