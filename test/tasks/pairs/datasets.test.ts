import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { DataError, OptionError } from "../../../src/engine/errors.js";
import { nodeFiles } from "../../../src/node/data-files.js";
import { findFile } from "../../../src/tasks/files.js";
import { type DataOptions, knownNames, loadPairs as loadFrom } from "../../../src/tasks/pairs/datasets.js";
import { numpyShuffle } from "../../../src/tasks/pairs/fixed-data.js";
import { decodePairs } from "../../../src/tasks/pairs/pairs.js";
import { fixedPairsOf } from "../../helpers/data.js";
import { expectError, expectRejection } from "../../helpers/errors.js";
import { makeFolder } from "../../helpers/folder.js";

const loadPairs = (name: string, options: DataOptions, seed: number) =>
  loadFrom(name, options, seed, nodeFiles(options));
const find = (name: string, dataDir?: string) => findFile(nodeFiles({ dataDir }), name, undefined, knownNames);

const userFolder = (home: string): string =>
  process.platform === "darwin" ? join(home, "Library", "Application Support", "seqloom") : join(home, "seqloom");

describe("a data file is looked for", () => {
  let folders = { named: "", given: "", variable: "", user: "" };

  beforeEach(() => {
    const root = makeFolder();
    folders = {
      named: join(root, "named"),
      given: join(root, "given"),
      variable: join(root, "variable"),
      user: userFolder(join(root, "user")),
    };
    for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
    vi.stubEnv("SEQLOOM_DATA", folders.variable);
    vi.stubEnv("XDG_DATA_HOME", join(root, "user"));
    vi.stubEnv("LOCALAPPDATA", join(root, "user"));
    vi.stubEnv("HOME", join(root, "user"));
    const before = process.cwd();
    process.chdir(folders.named);
    return () => {
      vi.unstubAllEnvs();
      process.chdir(before);
    };
  });

  test("as named, in --data-dir, in $SEQLOOM_DATA, and in the user's folder: the first that has it counts", () => {
    const places = [folders.given, folders.variable, folders.user].map((folder) => join(folder, "a.txt"));
    for (const place of places.toReversed()) {
      writeFileSync(place, "");
      expect(find("a.txt", folders.given)).toBe(place);
    }
    expect(find("a.txt")).toBe(join(folders.variable, "a.txt"));
    writeFileSync("a.txt", "");
    expect(find("a.txt", folders.given)).toBe("a.txt");
    expect(find(join(folders.user, "a.txt"), folders.given)).toBe(join(folders.user, "a.txt"));
  });

  test("and the error names every place, the nearest name, and no place twice", () => {
    const places = [folders.given, folders.variable, folders.user].map((folder) => join(folder, "adition.txt"));
    const message = `adition.txt: expected a data file or the name of a generator, got neither; looked for ${["adition.txt", ...places].join(", ")}.`;
    expectError(DataError, () => find("adition.txt", folders.given), message, "did you mean addition.txt?");
    const absolute = join(folders.named, "b.txt");
    const short = `${absolute}: expected a data file or the name of a generator, got neither; looked for ${absolute}.`;
    expectError(DataError, () => find(absolute, folders.given), short, "name a file of lines");
  });

  test("behind a folder of its name; where there is only the folder, reading says so", async () => {
    mkdirSync(join(folders.given, "a.txt"));
    expect(find("a.txt", folders.given)).toBe(join(folders.given, "a.txt"));
    const message = `${join(folders.given, "a.txt")}: expected a data file, got a folder.`;
    await expectRejection(DataError, loadPairs("a.txt", { dataDir: folders.given }, 1), message);
    writeFileSync(join(folders.variable, "a.txt"), "1_2\n3_4\n");
    expect(find("a.txt", folders.given)).toBe(join(folders.variable, "a.txt"));
  });

  test.each(["constructor", "toString", "__proto__", ""])('not as a generator that is none: "%s"', async (name) => {
    await expect(loadPairs(name, {}, 1)).rejects.toThrow(DataError);
  });
});

describe("loading pairs", () => {
  const lines = (count: number): string =>
    Array.from({ length: count }, (_, i) => `${`${i}`.padEnd(5)}_${i % 10}\n`).join("");
  const order = async (path: string, options: Parameters<typeof loadPairs>[1] = {}, seed = 1): Promise<number[]> => {
    const data = await loadPairs(path, options, seed);
    return [data.train, data.test].flatMap((part) =>
      decodePairs(data.tokenizer, part).map(({ source: question }) => Number(question)),
    );
  };

  test("a file named as the book's, with its 50,000 lines, is split as the book splits it", async () => {
    const path = join(makeFolder(), "addition.txt");
    writeFileSync(path, lines(50_000));
    const book = [...numpyShuffle(1984, 50_000)];
    expect(await order(path)).toEqual(book);
    expect(await order(path, { split: "seeded" })).not.toEqual(book);
    writeFileSync(path, lines(49_999));
    expect(await order(path)).not.toEqual([...numpyShuffle(1984, 49_999)]);
    expect(await order(path, { split: "book" })).toEqual([...numpyShuffle(1984, 49_999)]);
  });

  test("another file is split by the seed, and named after itself", async () => {
    const path = join(makeFolder(), "my.sums.tsv");
    writeFileSync(path, lines(100));
    expect(await order(path)).toEqual(await order(path));
    expect(await order(path, {}, 2)).not.toEqual(await order(path));
    expect((await loadPairs(path, {}, 1)).name).toBe("my.sums");
  });

  test("addition is generated with the digits, the count and the seed asked for", async () => {
    const data = await loadPairs("addition", { digits: 2, count: 100 }, 1);
    const { name, train, test: held } = data;
    expect([name, train.count, held.count, fixedPairsOf(data).source.width]).toEqual(["addition", 90, 10, 5]);
    expect((await loadPairs("addition", { digits: 2, count: 100 }, 2)).train).not.toEqual(train);
  });

  test("dates are generated with the count and the seed asked for", async () => {
    const { name, train, test: held } = await loadPairs("dates", { count: 100 }, 1);
    expect([name, train.count, held.count]).toEqual(["dates", 90, 10]);
    expect((await loadPairs("dates", { count: 100 }, 2)).train).not.toEqual(train);
  });

  test("an option that the data do not take is refused", async () => {
    const path = join(makeFolder(), "a.txt");
    writeFileSync(path, lines(10));
    const generator = "split: expected a file, got the generator addition.";
    await expectRejection(OptionError, loadPairs("addition", { split: "book" }, 1), generator);
    const taken = { digits: "the generator addition", count: "a generator" } as const;
    for (const [option, takes] of Object.entries(taken)) {
      const message = `${option}: expected ${takes}, got the file ${path}.`;
      await expectRejection(OptionError, loadPairs(path, { [option]: 3 }, 1), message);
    }
    const dates = "digits: expected the generator addition, got the generator dates.";
    await expectRejection(OptionError, loadPairs("dates", { digits: 3 }, 1), dates);
  });
});
