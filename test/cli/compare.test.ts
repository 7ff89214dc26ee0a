import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { readModel } from "../../src/tasks/model-kinds.js";
import { expectFailure, runForReports, runHere } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";

const compare = (flags: string): string[] =>
  `compare addition --digits 1 --hidden-size 3 --embedding-size 2 --epochs 2 ${flags}`.trim().split(" ");

const Chart = z.object({
  title: z.string(),
  lines: z.array(z.object({ name: z.string(), xs: z.array(z.number()), ys: z.array(z.number()) })),
});

/** The charts that a report hands to its drawing function. */
function chartsOf(html: string): z.infer<typeof Chart>[] {
  const [, json = ""] = /\(uPlot, (.*)\);\n<\/script>/.exec(html) ?? [];
  return z.parse(z.array(Chart), JSON.parse(json));
}

describe("seqloom compare", () => {
  test("trains three models and draws them in one chart", async () => {
    const cwd = makeFolder();
    const reports = await runForReports(compare(""), cwd);
    const names = ["plain", "reverse", "peeky"];
    const files = names.map((name) => `addition-compare-${name}.safetensors`);
    expect(reports.filter(({ kind }) => kind === "saved")).toEqual([
      ...files.map((path) => ({ kind: "saved", path, why: "end" })),
      { kind: "saved", path: "addition-compare.html", why: "report" },
    ]);
    expect(reports.filter(({ kind }) => kind === "done")).toHaveLength(3);
    expect(readdirSync(cwd)).toEqual([...files.toSorted(), "addition-compare.html"]);

    const [accuracy, loss] = chartsOf(readFileSync(join(cwd, "addition-compare.html"), "utf8"));
    expect(accuracy?.lines.map(({ name }) => name)).toEqual(names);
    expect(loss?.lines.map(({ name }) => name)).toEqual(names);
    const evaluations = reports.filter(({ kind }) => kind === "evaluation");
    expect(accuracy?.lines.map(({ xs }) => xs)).toEqual([1, 2, 3].map(() => [1, 2]));
    expect(accuracy?.lines.flatMap(({ ys }) => ys)).toEqual(evaluations.map((report) => report["exactMatch"]));

    const configs = files.map((file) => readModel(file, readFileSync(join(cwd, file))).config);
    expect(configs).toMatchObject([
      { decoder: "plain", reverse: false },
      { decoder: "plain", reverse: true },
      { decoder: "peeky", reverse: true },
    ]);
  });

  test("trains what is asked for, each once, and tells people how it went", async () => {
    const cwd = makeFolder();
    const { status, stdout, stderr } = await runHere(
      compare("--models peeky,plain,peeky --out r.html --backend wasm"),
      cwd,
    );
    expect(status).toBe(0);
    expect(stdout.match(/^addition · (peeky|plain), epoch 2 of 2/gm)).toHaveLength(2);
    expect(stderr).toMatch(/^peeky {4}\d+\.\d %\nplain {4}\d+\.\d %\nreport {2}r\.html\n$/);
    expect(readdirSync(cwd)).toEqual(["r-peeky.safetensors", "r-plain.safetensors", "r.html"]);
    const html = readFileSync(join(cwd, "r.html"), "utf8");
    expect(html).toContain("--models peeky,plain,peeky --out r.html --backend wasm</code>");
  });

  test("a variant is trained as seqloom train does it", async () => {
    const cwd = makeFolder();
    await runForReports(compare("--models plain --out c"), cwd);
    const flags = "--digits 1 --hidden-size 3 --embedding-size 2 --epochs 2 --out t".split(" ");
    await runForReports(["train", "seq2seq", "addition", ...flags], cwd);
    const read = (path: string) => readModel(path, readFileSync(join(cwd, path))).tensors;
    expect(read("c-plain.safetensors")).toEqual(read("t"));
  });

  test("refuses to replace a report or one of the models, before training", async () => {
    for (const name of ["addition-compare.html", "addition-compare-peeky.safetensors"]) {
      const cwd = makeFolder();
      writeFileSync(join(cwd, name), "earlier");
      const message = `${name}: expected a new file, got one that exists.`;
      await expectFailure(compare(""), cwd, { status: 2, message, hint: "replace it with --force, or choose --out" });
      expect(readFileSync(join(cwd, name), "utf8")).toBe("earlier");
      expect(readdirSync(cwd)).toEqual([name]);
    }
  });

  test("refuses a place that cannot be written to, before training", async () => {
    const message = "missing/r.html: expected a writable file, got no such file or folder.";
    const hint = "nothing was written: choose another path";
    await expectFailure(compare("--out missing/r.html"), makeFolder(), { status: 1, message, hint });
  });
});
