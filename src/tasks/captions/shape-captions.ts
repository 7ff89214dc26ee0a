import { colours, forms, MARGIN, nameShape, type Scene, type Shape, sizes } from "./shape-scenes.js";

/** Where the first of two shapes lies, by their centres. */
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
        .map((other) => placesOf(subject, other))
        .reduce((starts, ends) => starts.flatMap((start) => ends.map((end) => `${start} and ${end}`)))
        .map((places) => `${nameShape(subject)} ${places}`),
    );
  });
}

/** Whether a caption is a sentence of the little grammar that names every shape of the scene once, each where it is. */
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

/** "above a large blue square", "left of a large blue square", where both hold. */
function placesOf(subject: Shape, other: Shape): string[] {
  const held = relationNames.filter((name) => relations[name](subject, other));
  return held.map((name) => `${name} ${nameShape(other)}`);
}

const oneOf = (words: readonly string[]): string => words.join("|");
const thing = `(a (?:${oneOf(Object.keys(sizes))}) (?:${oneOf(Object.keys(colours))}) (?:${oneOf(forms)}))`;
const place = `(${oneOf(relationNames)}) ${thing}`;
const grammar = new RegExp(`^${thing}(?: ${place}(?: and ${place})?)?$`);
