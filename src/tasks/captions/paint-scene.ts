import { FIELD, type Scene, type Shape, sizes } from "./shape-scenes.js";

/**
 * A scene as a picture: (side, side, 3) bytes, rows from the top, red, green and blue of each pixel. How much of a pixel
 * a shape covers is told by the distance of the pixel's centre to the shape's edge.
 */
export function paintScene({ shapes, paper }: Scene, side: number): Uint8Array {
  const pixels = new Uint8Array(side * side * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = paper[i % 3] ?? 0;
  for (const shape of shapes) paintShape(pixels, side, shape);
  return pixels;
}

function paintShape(pixels: Uint8Array, side: number, { form, size, x, y, tilt, rgb }: Shape): void {
  const scale = side / FIELD;
  const radius = sizes[size];
  const [first, last] = [
    (centre: number): number => Math.max(0, Math.floor((centre - radius) * scale) - 1),
    (centre: number): number => Math.min(side - 1, Math.ceil((centre + radius) * scale) + 1),
  ];
  // the turn by which it is tilted, without a cosine: engines differ in its last bits
  const [cos, sin] = [(1 - tilt * tilt) / (1 + tilt * tilt), (2 * tilt) / (1 + tilt * tilt)];
  for (let row = first(y); row <= last(y); row++)
    for (let column = first(x); column <= last(x); column++) {
      const [dx, dy] = [(column + 0.5) / scale - x, (row + 0.5) / scale - y];
      const distance = edges[form]((cos * dx + sin * dy) / radius, (cos * dy - sin * dx) / radius) * radius * scale;
      const cover = Math.max(0, Math.min(1, 0.5 - distance));
      const at = 3 * (row * side + column);
      for (const [i, value] of rgb.entries()) pixels[at + i] = mix(pixels[at + i] ?? 0, value, cover);
    }
}

const mix = (under: number, over: number, cover: number): number => Math.round(under + (over - under) * cover);

/** The distance of a point to the edge of each form inside the unit circle, below 0 inside; at corners a little less. */
const edges: Readonly<Record<Shape["form"], (x: number, y: number) => number>> = {
  circle: (x, y) => Math.sqrt(x * x + y * y) - 0.9,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.7,
  // its three sides are half a unit from the centre: one below it, two above
  triangle: (x, y) => Math.max(y, (Math.sqrt(3) * Math.abs(x) - y) / 2) - 0.5,
  cross: (x, y) => Math.min(arm(x, y), arm(y, x)),
};

const arm = (along: number, across: number): number => Math.max(Math.abs(along) - 0.92, Math.abs(across) - 0.3);
