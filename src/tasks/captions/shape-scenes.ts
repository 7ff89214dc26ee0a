import { keysOf } from "../../engine/check-options.js";
import type { Random } from "../../engine/random.js";

/** What a shape is called by: its size, its colour and its form. */
export const sizes = { small: 5, large: 9 } as const;
export const colours = {
  red: [210, 45, 45],
  green: [45, 155, 65],
  blue: [40, 95, 210],
  yellow: [235, 195, 35],
  purple: [140, 60, 185],
  black: [45, 45, 50],
} as const;
export const forms = ["circle", "square", "triangle", "cross"] as const;

export type RGB = readonly [red: number, green: number, blue: number];

/** A shape that lies within a circle around (x, y), of the radius that `sizes` says, in units of the field. */
export interface Shape {
  readonly size: keyof typeof sizes;
  readonly colour: keyof typeof colours;
  readonly form: (typeof forms)[number];
  readonly x: number;
  /** Grows downwards. */
  readonly y: number;
  /** Half of its turn's tangent. */
  readonly tilt: number;
  /** Its colour as it is painted, from 0 to 255. */
  readonly rgb: RGB;
}

/** One to three shapes on a square field, none of which overlap, and no two of which are called the same. */
export interface Scene {
  readonly shapes: readonly Shape[];
  readonly paper: RGB;
}

/** Units of the field's side. */
export const FIELD = 48;
/** By how many units at least one shape's centre is above, below, left or right of another's where it is so at all. */
export const MARGIN = 10;
/** Where it is not so, by how many at most. What lies between is left to nobody's opinion, and drawn anew. */
const LEVEL = 5;
const PAPER: RGB = [230, 230, 226];

/** How a caption calls a shape: "a small red circle". */
export function nameShape({ size, colour, form }: Shape): string {
  return `a ${size} ${colour} ${form}`;
}

/** Draws scenes until one leaves no doubt about what is where. */
export function drawScene(random: Random): Scene {
  const count = 1 + random.below(3);
  for (;;) {
    const shapes = Array.from({ length: count }, () => drawShape(random));
    const paper = shade(PAPER, random);
    if (shapes.every((a, i) => shapes.slice(0, i).every((b) => areClear(a, b)))) return { shapes, paper };
  }
}

/** What tells a scene from others: shapes and places, whatever their order, shade and tilt. */
export function keyOf({ shapes }: Scene): string {
  return shapes
    .map((shape) => `${nameShape(shape)} ${shape.x},${shape.y}`)
    .sort()
    .join(";");
}

function drawShape(random: Random): Shape {
  const size = pick(keysOf(sizes), random);
  const colour = pick(keysOf(colours), random);
  const form = pick(forms, random);
  const border = sizes[size] + 1;
  const place = (): number => border + random.below(FIELD - 2 * border + 1);
  const tilt = (random.uniform() - 0.5) / 4;
  return { size, colour, form, x: place(), y: place(), tilt, rgb: shade(colours[colour], random) };
}

function pick<T>(list: readonly T[], random: Random): T {
  const chosen = list[random.below(list.length)];
  if (chosen === undefined) throw new Error("pick: expected a choice.");
  return chosen;
}

/** A colour near to this one. */
function shade([red, green, blue]: RGB, random: Random): RGB {
  const near = (value: number): number => Math.max(0, Math.min(255, value + random.below(41) - 20));
  return [near(red), near(green), near(blue)];
}

/** Whether two shapes lie apart, are called differently, and on each axis are either far from each other or level. */
function areClear(a: Shape, b: Shape): boolean {
  const [dx, dy] = [Math.abs(a.x - b.x), Math.abs(a.y - b.y)];
  const reach = sizes[a.size] + sizes[b.size] + 1;
  const areApart = dx * dx + dy * dy >= reach * reach;
  return areApart && nameShape(a) !== nameShape(b) && [dx, dy].every((d) => d >= MARGIN || d <= LEVEL);
}
