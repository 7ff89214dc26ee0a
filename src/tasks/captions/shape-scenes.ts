import { keysOf } from "../../engine/check-options.js";
import type { Random } from "../../engine/random.js";

/** The words that name a shape: size, colour and form. */
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

/** A shape within a circle around (x, y), whose radius is in `sizes`, in units of the field. */
export interface Shape {
  readonly size: keyof typeof sizes;
  readonly colour: keyof typeof colours;
  readonly form: (typeof forms)[number];
  readonly x: number;
  /** Grows downwards. */
  readonly y: number;
  /** Tangent of half the angle by which it is turned. */
  readonly tilt: number;
  /** Its colour as it is painted, from 0 to 255. */
  readonly rgb: RGB;
}

/** One to three shapes on a square field, without overlap and with different names. */
export interface Scene {
  readonly shapes: readonly Shape[];
  readonly paper: RGB;
}

/** Units of the field's side. */
export const FIELD = 48;
/** Smallest distance, in units, at which one shape counts as above, below, left or right of another. */
const MARGIN = 10;
/** Largest distance at which two shapes count as level. Scenes with a distance in between are ambiguous and drawn again. */
const LEVEL = 5;
const PAPER: RGB = [230, 230, 226];

/** The name of a shape in captions: "a small red circle". */
export function nameShape({ size, colour, form }: Shape): string {
  return `a ${size} ${colour} ${form}`;
}

/** Draws scenes until one is unambiguous. */
export function drawScene(random: Random): Scene {
  const count = 1 + random.below(3);
  for (;;) {
    const shapes = Array.from({ length: count }, () => drawShape(random));
    const paper = shade(PAPER, random);
    if (shapes.every((a, i) => shapes.slice(0, i).every((b) => areClear(a, b)))) return { shapes, paper };
  }
}

/** A key of a scene: its shapes and their positions, without order, shade and tilt. */
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

/** True if two shapes are apart, have different names, and on each axis are either far from each other or level. */
function areClear(a: Shape, b: Shape): boolean {
  const [dx, dy] = [Math.abs(a.x - b.x), Math.abs(a.y - b.y)];
  const reach = sizes[a.size] + sizes[b.size] + 1;
  const areApart = dx * dx + dy * dy >= reach * reach;
  return areApart && nameShape(a) !== nameShape(b) && [dx, dy].every((d) => d >= MARGIN || d <= LEVEL);
}

/** Relations of the first of two shapes to the second, by their centres. */
const relations = {
  above: (a, b) => b.y - a.y >= MARGIN,
  below: (a, b) => a.y - b.y >= MARGIN,
  "left of": (a, b) => b.x - a.x >= MARGIN,
  "right of": (a, b) => a.x - b.x >= MARGIN,
} as const satisfies Record<string, (a: Shape, b: Shape) => boolean>;
const relationNames = ["above", "below", "left of", "right of"] as const;

/**
 * All true captions of a scene, each of which names all of its shapes: "a small red circle", "a small red circle above a
 * large blue square", "a small red circle above a large blue square and left of a large green cross".
 */
export function captionsOf({ shapes }: Scene): string[] {
  if (shapes.length === 1) return shapes.map(nameShape);
  return shapes.flatMap((subject) => {
    const others = shapes.filter((shape) => shape !== subject);
    const orders = others.length === 1 ? [others] : [others, others.toReversed()];
    return orders.flatMap((order) =>
      order
        .map((other) => relationPhrases(subject, other))
        .reduce((starts, ends) => starts.flatMap((start) => ends.map((end) => `${start} and ${end}`)))
        .map((places) => `${nameShape(subject)} ${places}`),
    );
  });
}

/** True if a caption follows the grammar, names every shape of the scene once, and its relations hold. */
export function isTrue(caption: string, { shapes }: Scene): boolean {
  const [, subject, ...places] = grammar.exec(caption) ?? [];
  const find = (name: string | undefined): Shape | undefined => shapes.find((shape) => nameShape(shape) === name);
  const first = find(subject);
  const named = new Set([first]);
  for (const [relation, name] of [places.slice(0, 2), places.slice(2)]) {
    if (name === undefined) continue;
    const [known, other] = [relationNames.find((each) => each === relation), find(name)];
    if (!known || !first || !other || named.has(other) || !relations[known](first, other)) return false;
    named.add(other);
  }
  return first !== undefined && named.size === shapes.length;
}

/** "above a large blue square" and "left of a large blue square", if both hold. */
function relationPhrases(subject: Shape, other: Shape): string[] {
  const held = relationNames.filter((name) => relations[name](subject, other));
  return held.map((name) => `${name} ${nameShape(other)}`);
}

const oneOf = (words: readonly string[]): string => words.join("|");
const thing = `(a (?:${oneOf(Object.keys(sizes))}) (?:${oneOf(Object.keys(colours))}) (?:${oneOf(forms)}))`;
const place = `(${oneOf(relationNames)}) ${thing}`;
const grammar = new RegExp(`^${thing}(?: ${place}(?: and ${place})?)?$`);

/**
 * A scene as a picture: (side, side, 3) bytes, rows from the top, red, green and blue of each pixel. The distance of a
 * pixel's centre to the edge of a shape decides the share of the pixel that the shape covers.
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
  // cosine and sine of the angle, without Math.cos: JavaScript engines differ in its last bits
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
