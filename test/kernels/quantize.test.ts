import { expect, test } from "vitest";
import { describeBackends } from "../helpers/backends.js";
import { Desk, draw } from "../helpers/desk.js";
import { describeKernel } from "../helpers/kernel-cases.js";

interface Packed {
  /** [⌈O / 16⌉·G][K][16] whole numbers. */
  readonly bytes: Int8Array;
  /** The scale of output `o` of group `g`, and its weights as whole numbers. */
  readonly row: (g: number, o: number) => { scale: number; values: number[] };
}

/** As kernels.h lays it out: panels [⌈K / 2⌉][16 outputs][2] of int8, 16 scales. */
function quantize(desk: Desk, G: number, O: number, K: number, values = draw(desk.random, G * O * K)): Packed {
  const columns = Math.ceil(K / 2) * 2;
  const panel = 16 * (columns + 4);
  const panels = Math.ceil(O / 16);
  const weight = desk.tensor([G * O, K], values);
  const packed = desk.poison([(G * panels * panel) / 4]);
  desk.call([packed], () => desk.backend.kernels.quantize({ packed }, { weight }, { G, O, K }));
  const bytes = new Int8Array(packed.data.slice().buffer);
  const view = new DataView(bytes.buffer);
  return {
    bytes,
    row(g, o) {
      const [at, lane] = [(g * panels + Math.floor(o / 16)) * panel, o % 16];
      const scale = view.getFloat32(at + 16 * columns + 4 * lane, true);
      return {
        scale,
        values: Array.from({ length: K }, (_, k) => bytes[at + 16 * (k - (k % 2)) + 2 * lane + (k % 2)] ?? Number.NaN),
      };
    },
  };
}

const shapes = [
  ...[[1, 1, 1] as const, [1, 16, 1] as const, [1, 17, 5] as const, [4, 7, 1] as const, [3, 33, 100] as const],
  ...[[4, 16, 257] as const, [1, 13, 650] as const, [2, 100, 33] as const],
];

describeKernel(
  shapes.map(([G, O, K]) => ({
    name: `quantize, ${G} groups of ${O} outputs, K ${K}`,
    run: (desk) => ({ bytes: Int32Array.from(quantize(desk, G, O, K).bytes) }),
    tolerance: () => ({}), // every byte, the lanes behind a group's last output too
  })),
);

describeBackends((backend) => {
  test.each(shapes)("%i groups of %i outputs of %i weights come back within half a scale", (G, O, K) => {
    const desk = new Desk(backend(), 2);
    const weight = draw(desk.random, G * O * K);
    const { row } = quantize(desk, G, O, K, weight);
    for (let g = 0; g < G; g++)
      for (let o = 0; o < O; o++) {
        const own = weight.subarray((g * O + o) * K, (g * O + o + 1) * K);
        const { scale, values } = row(g, o);
        const most = Math.max(...own.map(Math.abs));
        expect(scale).toBe(Math.fround(most / 127));
        expect(Math.max(...values.map(Math.abs))).toBe(127);
        const worst = Math.max(...values.map((value, k) => Math.abs(value * scale - (own[k] ?? Number.NaN))));
        expect(worst).toBeLessThanOrEqual((0.5 + 2 ** -16) * scale); // up to 127 scales, and each has been rounded
      }
    desk.clear();
  });

  test("a row of zeros is zeros, and the rows around it are as without it", () => {
    const desk = new Desk(backend(), 2);
    const [O, K] = [19, 6];
    const weight = draw(desk.random, O * K);
    const before = quantize(desk, 1, O, K, weight);
    const after = quantize(desk, 1, O, K, weight.slice().fill(0, 17 * K, 18 * K));
    expect(after.row(0, 17)).toEqual({ scale: 0, values: new Array(K).fill(0) });
    for (let o = 0; o < O; o++) if (o !== 17) expect(after.row(0, o)).toEqual(before.row(0, o));
    desk.clear();
  });
});
