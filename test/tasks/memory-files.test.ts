import { expect, test } from "vitest";
import { nodeFiles } from "../../src/node/data-files.js";
import { MemoryFiles } from "../../src/tasks/files.js";
import { openTask } from "../../src/tasks/open-task.js";
import { pairSettings } from "../../src/tasks/pairs/pair-options.js";

const rows = Array.from({ length: 100 }, (_, i) => `wort ${i}\tword ${i}\n`).join("");

test("a task reads files in memory and reports notices as they arise", async () => {
  const notices: string[] = [];
  const files = new MemoryFiles([["data/p.tsv", `${rows}wort\n`]]);
  const onNotice = ({ message }: { message: string }) => notices.push(message);
  const task = await openTask("data/p.tsv", { seed: 1, skipInvalid: true }, { files, onNotice });
  const { name, train, valid, test: held } = await task.load(pairSettings({ seed: 1, preset: "text" }));
  expect([name, train.count + (valid?.count ?? 0) + held.count]).toEqual(["p", 100]);
  expect(notices).toEqual([
    expect.stringMatching(/^\d+ \+ \d+ \+ \d+ pairs for training, validation and test$/),
    "1 row skipped: 1 with other columns than the first",
  ]);
});

test("files in memory have folders, names relative to them, and the digests of files on disk", () => {
  const files = new MemoryFiles([
    ["a/b/c.txt", "c"],
    ["a/d.txt", "d"],
  ]);
  expect(["a", "a/b", "a/d.txt", "e"].map((path) => files.kindOf(path))).toEqual([
    "folder",
    "folder",
    "file",
    undefined,
  ]);
  expect(files.list("a")).toEqual(["b/c.txt", "d.txt"]);
  expect(files.resolve("a/b", "../d.txt")).toBe("a/d.txt");
  expect([files.relative("a", "a/b/c.txt"), files.relative("a/b", "a/d.txt")]).toEqual(["b/c.txt", "../d.txt"]);
  expect([files.folderOf("a/b/c.txt"), files.folderOf("c.txt")]).toEqual(["a/b", "."]);
  const chunks = [Uint8Array.of(1, 2), Uint8Array.of(3)];
  expect(files.digest(chunks)).toBe(nodeFiles().digest(chunks));
  expect(() => files.read("e", "a data file")).toThrow("e: expected a data file, got no such file or folder.");
  expect([...files.open("d", "a/d.txt").range(0, 9)]).toEqual([100]);
});
