import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openReference } from "../../src/engine/backend/reference.js";
import { DataError, SeqloomError } from "../../src/engine/errors.js";
import { expectWritable, readBytes, writeWhole } from "../../src/node/files.js";
import { loadModel, loadSeq2Seq, saveModel } from "../../src/node/model-files.js";
import { expectError } from "../helpers/errors.js";
import { makeFolder } from "../helpers/folder.js";
import { makeModel } from "../helpers/models.js";

const hint = "nothing was written: choose another path";

describe("writing a file whole", () => {
  test("makes it, or replaces it, and leaves no other file", () => {
    const folder = makeFolder();
    const path = join(folder, "ä 🎉.txt");
    writeWhole(path, "first");
    expect(readFileSync(path, "utf8")).toBe("first");
    writeWhole(path, Uint8Array.of(1, 2, 3));
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
    writeWhole(path, "");
    expect(statSync(path).size).toBe(0);
    expect(readdirSync(folder)).toEqual(["ä 🎉.txt"]);
  });

  test("takes away what a killed program left, and nothing of one that runs or of another file", () => {
    const folder = makeFolder();
    const { pid: dead } = spawnSync(process.execPath, ["--version"]);
    const kept = [`.a.${process.ppid}.new`, `.b.${dead}.new`, ".a..new", ".a.1x.new"];
    for (const name of [`.a.${dead}.new`, ...kept]) writeFileSync(join(folder, name), "part");
    expectWritable(join(folder, "a"));
    expect(readdirSync(folder).toSorted()).toEqual(kept.toSorted());
  });

  test("says how many bytes it could not write, and where to", () => {
    const folder = makeFolder();
    writeFileSync(join(folder, "file"), "whole");
    mkdirSync(join(folder, "folder"));
    const cases = [
      ["missing/a", "got no such file or folder"],
      ["file/a", "got a path through a file"],
      ["folder", "got a folder"],
      ["x".repeat(250), "got a name too long for the disk"],
    ] as const;
    for (const [name, got] of cases) {
      const path = join(folder, name);
      expectError(SeqloomError, () => writeWhole(path, "naïve"), `${path}: expected to write 6 bytes, ${got}.`, hint);
      expectError(SeqloomError, () => expectWritable(path), `${path}: expected a writable file, ${got}.`, hint);
    }
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("whole");
    expect(readdirSync(folder)).toEqual(["file", "folder"]);
  });

  test.skipIf(process.platform === "win32")("never replaces a device", () => {
    const message = "/dev/null: expected to write 1 bytes, got a device.";
    expectError(SeqloomError, () => writeWhole("/dev/null", "x"), message, hint);
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  test.skipIf(process.platform === "win32")("in a folder without permission leaves the earlier file whole", () => {
    const folder = makeFolder();
    const path = join(folder, "a");
    writeFileSync(path, "earlier");
    chmodSync(folder, 0o555);
    asOrdinaryUser(() => {
      const got = "got no permission.";
      expectError(SeqloomError, () => writeWhole(path, "later"), `${path}: expected to write 5 bytes, ${got}`, hint);
      expectError(SeqloomError, () => expectWritable(path), `${path}: expected a writable file, ${got}`, hint);
    });
    expect(readFileSync(path, "utf8")).toBe("earlier");
    expect(readdirSync(folder)).toEqual(["a"]);
  });

  test("knows beforehand where it can write, and leaves nothing there", () => {
    const folder = makeFolder();
    writeFileSync(join(folder, "a"), "earlier");
    expectWritable(join(folder, "a"));
    expectWritable(join(folder, "b"));
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("earlier");
    expect(readdirSync(folder)).toEqual(["a"]);
  });
});

/** Permission bits do not bind root. */
function asOrdinaryUser(run: () => void): void {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    run();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

/** Writes 10 bytes, then a million, and prints what it met; vitest runs TypeScript, this child only what was built. */
const script = `
const [path] = process.argv.slice(1);
const { readdirSync, readFileSync } = await import("node:fs");
const { dirname } = await import("node:path");
const { writeWhole } = await import(${JSON.stringify(new URL("../../dist/node/files.js", import.meta.url))});
writeWhole(path, "0123456789");
let message = "no error";
try { writeWhole(path, new Uint8Array(1_000_000)); } catch (error) { message = error.message; }
console.log(JSON.stringify({ message, content: readFileSync(path, "utf8"), files: readdirSync(dirname(path)) }));
`;

/** Runs the script behind some words of shell; undefined where these are not possible here. */
function runLimited(words: string, folder: string): unknown {
  const all = ["-c", `${words} && exec "$0" "$@"`, process.execPath, "--input-type=module", "-e", script];
  const { status, stdout } = spawnSync("unshare", ["-m", "sh", ...all, join(folder, "a")], { encoding: "utf8" });
  return status === 0 ? JSON.parse(stdout) : undefined;
}

const mount = 'mount -t tmpfs -o size=64k tmpfs "$(dirname "$4")"';
const canMount = spawnSync("unshare", ["-m", "sh", "-c", "mount -t tmpfs -o size=64k tmpfs /mnt"]).status === 0;

describe.skipIf(!canMount && process.env["SEQLOOM_REQUIRE_ALL"] !== "1")("on a disk that is full", () => {
  test.each([
    ["a disk of 64 KiB", mount, "a full disk"],
    ["files of at most 32 KiB", "ulimit -f 64", "a file too large for the system"],
  ])("%s: the earlier file is still there, whole, and nothing else", (_, words, got) => {
    const folder = makeFolder();
    expect(runLimited(words, folder)).toEqual({
      message: `${join(folder, "a")}: expected to write 1000000 bytes, got ${got}.`,
      content: "0123456789",
      files: ["a"],
    });
  });
});

describe("reading a file", () => {
  test("says what was expected where there is none", () => {
    const folder = makeFolder();
    const path = join(folder, "a");
    const message = `${path}: expected a model file, got no such file or folder.`;
    expectError(DataError, () => readBytes(path, "a model file"), message);
    expectError(DataError, () => readBytes(folder, "a data file"), `${folder}: expected a data file, got a folder.`);
    const through = join(path, "b");
    writeFileSync(path, "x");
    expectError(
      DataError,
      () => readBytes(through, "a file"),
      `${through}: expected a file, got a path through a file.`,
    );
  });

  test("a model is saved and loaded", () => {
    const path = join(makeFolder(), "a.safetensors");
    const backend = openReference();
    const saved = makeModel(backend, { decoder: "peeky" });
    saveModel(path, saved);
    const { model, tokenizer } = loadSeq2Seq(path, backend);
    expect(tokenizer).toEqual(saved.tokenizer);
    expect(model.params.map(({ value }) => value.data)).toEqual(saved.model.params.map(({ value }) => value.data));
  });

  test("an empty file is no model", () => {
    const path = join(makeFolder(), "a.safetensors");
    writeFileSync(path, "");
    const message = `${path}: expected a .safetensors file, got 0 bytes.`;
    expectError(DataError, () => loadModel(path, openReference()), message);
  });

  test("a link to a model is followed", () => {
    const folder = makeFolder();
    const backend = openReference();
    saveModel(join(folder, "a"), makeModel(backend));
    symlinkSync(join(folder, "a"), join(folder, "b"));
    expect(loadModel(join(folder, "b"), backend).model.config.hiddenSize).toBe(3);
  });
});
