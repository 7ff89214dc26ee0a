import type { Random } from "../../engine/random.js";
import { type ExerciseKind, grid } from "./exercise.js";

/** Part of a program: its text and its value. */
interface Term {
  readonly text: string;
  readonly value: bigint;
}

/** An unfinished program. */
interface Draft {
  /** Variables are capital letters here, in the order of their first use. */
  readonly lines: string[];
  term: Term;
  /** Draws a number of up to `length` digits. */
  number(): Term;
  /** Draws a factor, or the number of runs of a loop: up to 4 · length. */
  small(): Term;
  readonly random: Random;
}

/** Operations on the term so far, all equally likely. */
const operations: readonly ((draft: Draft) => void)[] = [
  addOrSubtract,

  function multiply(draft) {
    const [a, b]: [Term, Term] = draft.random.shuffle([draft.term, draft.small()]);
    draft.term = { text: `(${a.text}*${b.text})`, value: a.value * b.value };
  },

  function choose(draft) {
    const { random, term, number } = draft;
    const all: [Term, Term, Term, Term] = [term, number(), number(), number()];
    const [a, b, c, d] = random.shuffle(all);
    const [sign, holds] = random.below(2) === 0 ? ["<", b.value < c.value] : [">", b.value > c.value];
    draft.term = {
      text: `(${a.text} if ${b.text}${sign}${c.text} else ${d.text})`,
      value: holds ? a.value : d.value,
    };
  },

  function assign(draft) {
    keep(draft);
    addOrSubtract(draft);
  },

  function loop(draft) {
    keep(draft);
    const { lines, term, random } = draft;
    const [times, step] = [draft.small(), draft.number()];
    const [sign, change] = random.below(2) === 0 ? ["+", step.value] : ["-", -step.value];
    lines.push(`for x in range(${times.text}):${term.text}${sign}=${step.text}`);
    draft.term = { ...term, value: term.value + times.value * change };
  },
];

function addOrSubtract(draft: Draft): void {
  const [a, b]: [Term, Term] = draft.random.shuffle([draft.term, draft.number()]);
  const [sign, value] = draft.random.below(2) === 0 ? ["+", a.value + b.value] : ["-", a.value - b.value];
  draft.term = { text: `(${a.text}${sign}${b.text})`, value };
}

/** Gives the term so far a name. */
function keep(draft: Draft): void {
  const { lines, term } = draft;
  const name = String.fromCharCode(65 + lines.filter((line) => /^[A-Z]=/.test(line)).length);
  lines.push(`${name}=${term.text}`);
  draft.term = { text: name, value: term.value };
}

/** Names of variables; `x` counts the loops. */
const names = [..."abcdefghijklmnopqrstuvwyz"];

/** Draws a name for each variable, all of them different. */
function withNames(program: string, random: Random): string {
  const left = [...names];
  const drawn = new Map<string, string>();
  return program.replace(/[A-Z]/g, (variable) => {
    const name = drawn.get(variable) ?? left.splice(random.below(left.length), 1).join("");
    drawn.set(variable, name);
    return name;
  });
}

/**
 * Small programs in Python 3, each of which prints a number. A program begins with a number, to which `nesting` operations
 * are applied one after another: `+` and `-`, `*` by a small number, a choice by `<` or `>`, an assignment, or a loop. All
 * can be computed from left to right in time linear in the program's length.
 *
 * Programs that differ only in the names of their variables have the same key.
 *
 * Source: Zaremba & Sutskever 2014, Learning to Execute.
 */
export const programs: ExerciseKind = {
  characters: `\n ()*+-0123456789:<=>${[..."abcdefghijklmnopqrstuvwxyz"].join("")}`,
  usual: { digits: 3, nesting: 1 },
  most: { digits: 9, nesting: 9 },
  axes: { row: "nesting", column: "digits" },
  cells: ({ digits, nesting }) => grid(nesting, digits),
  cell: ({ digits, nesting }) => ({ row: nesting, column: digits }),

  draw({ row: nesting, column: length }, random) {
    const drawn = (most: number): Term => {
      const number = 1 + random.below(most);
      return { text: String(number), value: BigInt(number) };
    };
    const number = (): Term => drawn(10 ** length - 1);
    const draft: Draft = { lines: [], term: number(), number, small: () => drawn(4 * length), random };
    for (let i = 0; i < nesting; i++) operations[random.below(operations.length)]?.(draft);
    const key = [...draft.lines, `print(${draft.term.text})`].join("\n");
    return { source: withNames(key, random), target: String(draft.term.value), key };
  },
};
