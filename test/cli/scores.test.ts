import { describe, expect, test } from "vitest";
import { formatGrid, gridsOf } from "../../src/cli/scores.js";
import { gridTable } from "../../src/report/grid.js";
import { EosPairs } from "../../src/tasks/pairs/text-codec.js";
import { Characters } from "../../src/text/characters.js";

const digits = new Characters([..."0123456789"]);
const tokenizer = new EosPairs(digits, digits, { source: 3, target: 3 });
const cells = [
  { row: "1", column: "1", count: 1, exactMatch: 1, tokenAccuracy: 1 },
  { row: "1", column: "2", count: 1250, exactMatch: 0.985, tokenAccuracy: 0.9951 },
  { row: "2", column: "1", count: 1250, exactMatch: 0.5, tokenAccuracy: 0.75 },
];
const [exact, forced] = gridsOf({ row: "nesting", column: "digits", cells }, tokenizer);
if (!exact || !forced) throw new Error("expected two grids");

describe("the grids of some scores", () => {
  test("are one for each score, in words, with how many questions a cell has", () => {
    expect([exact.title, forced.title]).toEqual(["exact match", "token accuracy (teacher forcing, characters)"]);
    expect(exact.cells[1]).toEqual({ row: "1", column: "2", share: 0.985, value: "98.5 %", note: "1,250 questions" });
    expect(forced.cells.map(({ value }) => value)).toEqual(["100.0 %", "99.5 %", "75.0 %"]);
  });

  test("stand in columns in a terminal; where there is no score there is nothing", () => {
    expect(formatGrid(exact)).toBe(
      ["exact match by nesting and digits", "         1       2", "1  100.0 %  98.5 %", "2   50.0 %"].join("\n"),
    );
  });

  test("of a single row have no label before it", () => {
    const one = { ...exact, row: "", cells: exact.cells.filter(({ row }) => row === "1") };
    expect(formatGrid(one).split("\n").at(-1)).toBe("  100.0 %  98.5 %");
  });

  test("are tables with headings in a report, shaded by the share, and escaped", () => {
    const html = gridTable({ ...exact, row: "a & b" });
    expect(html).toContain('<th scope="colgroup" colspan="2">digits</th>');
    expect(html).toContain('<th scope="col">a &#38; b</th><th scope="col">1</th><th scope="col">2</th>');
    expect(html).toContain('<th scope="row">2</th><td style="--share: 0.500" title="1,250 questions">50.0 %</td>');
    expect(html).toContain('<td style="--share: 0.985" title="1,250 questions">98.5 %</td>');
    expect(html.match(/<td><\/td>/g)?.length).toBe(2); // the corner, and nesting 2 with digits 2
  });
});
