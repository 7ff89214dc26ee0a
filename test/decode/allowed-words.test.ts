import { describe, expect, test } from "vitest";
import { AllowedWords } from "../../src/decode/allowed-words.js";
import type { SearchOptions } from "../../src/decode/decode-options.js";
import { search } from "../../src/decode/search.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { DataError } from "../../src/engine/errors.js";
import { Characters } from "../../src/text/characters.js";
import type { Tokenizer } from "../../src/text/tokenizer.js";
import { Words } from "../../src/text/words.js";
import { expectError } from "../helpers/errors.js";
import { randomLogits, ToyModel } from "../helpers/toy-model.js";

const backend = openReference();
const letters = new Characters([..."$abcdeor ,'"]);
/** Pieces of words, some with what separates words in them. */
const pieceTexts = ["$", "ca", "t", " ca", "d", "rt ", "do", " a", ", ", "\uFFFD", ""];
const piecewise = {
  size: pieceTexts.length,
  decode: (ids: Iterable<number>) => Array.from(ids, (id) => pieceTexts[id] ?? "").join(""),
};

type Decoding = Pick<Tokenizer, "size" | "decode">;

/** The texts that may come next after a text, given token by token. */
function follow(
  list: AllowedWords,
  tokenizer: Decoding,
  ids: readonly number[],
): { next: string[]; complete: boolean } {
  let state = list.start;
  for (const id of ids) state = state.after(id);
  const allowed = new Set(state.allowed.flatMap((some) => [...some]));
  return { next: [...allowed].map((id) => tokenizer.decode([id])).toSorted(), complete: state.complete };
}

describe("a list of words", () => {
  const list = new AllowedWords(["cab", "car", "card", "a", "o'dea"], letters);
  const next = (text: string) => follow(list, letters, letters.encode(text));

  test("lets words begin, go on as some word does, and be separated when they are whole", () => {
    expect(next("")).toEqual({ next: [" ", "$", "'", ",", "a", "c", "o"], complete: true });
    expect(next("c")).toEqual({ next: ["a"], complete: false });
    expect(next("ca")).toEqual({ next: ["b", "r"], complete: false });
    expect(next("cab")).toEqual({ next: [" ", "$", "'", ","], complete: true });
    expect(next("car")).toEqual({ next: [" ", "$", "'", ",", "d"], complete: true });
    expect(next("a, c")).toEqual({ next: ["a"], complete: false });
  });

  test("knows a word with an apostrophe in it, which otherwise separates words", () => {
    expect(next("o").next).toEqual(["'"]);
    expect(next("o'").next).toEqual(["d"]);
    expect(next("a'").next).toEqual([" ", "$", "'", ",", "a", "c", "o"]);
  });

  test("leaves out words that the tokens cannot spell, so that none leads nowhere", () => {
    const some = new AllowedWords(["abc", "abx", " dab ", "", "dad"], letters);
    expect(some.missing).toEqual(["abx"]);
    expect(follow(some, letters, letters.encode("ab")).next).toEqual(["c"]);
    expectError(
      DataError,
      () => new AllowedWords(["xyz", "Abc"], letters),
      "AllowedWords: expected at least one word that the model can write, got none among 2.",
      "as they occur in the training texts",
    );
  });

  test("reads tokens that are words", () => {
    const words = new Words(["<eos>", "the", "cat", "<unk>", "cats", ",", "sat"]);
    const some = new AllowedWords(["the", "cat", "sat", "dog"], words);
    expect(some.missing).toEqual(["dog"]);
    for (const text of ["", "the", "the cat", "cat , sat"])
      expect(follow(some, words, words.encode(text))).toEqual({
        next: [",", ".\n", "cat", "sat", "the"],
        complete: true,
      });
  });

  test("reads tokens that are pieces of words, with blanks or without", () => {
    const some = new AllowedWords(["cat", "cart", "a", "dot", "doo"], piecewise);
    const next = (...ids: number[]) => follow(some, piecewise, ids);
    expect(some.missing).toEqual(["doo"]);
    // Not "d": no piece goes on from there. Not what has no text, or a part of a character.
    expect(next()).toEqual({ next: [" a", " ca", "$", ", ", "ca", "do"], complete: true });
    expect(next(1)).toEqual({ next: ["rt ", "t"], complete: false });
    expect(next(1, 2)).toEqual({ next: [" a", " ca", "$", ", "], complete: true });
    expect(next(3, 5)).toEqual({ next: [" a", " ca", "$", ", ", "ca", "do"], complete: true });
  });
});

describe("a search restricted to words", () => {
  const listed = ["cab", "car", "card", "a", "o'dea", "bx"];
  const constraint = new AllowedWords(listed, letters);
  const answer = (options: Partial<SearchOptions>, N = 25) => {
    const model = new ToyModel(backend, { V: letters.size, N, logits: randomLogits(letters.size) });
    return search(model, backend, { start: 0, end: 0, maxLength: 12, constraint, ...options }).flat();
  };
  const wordsOf = (text: string) =>
    text
      .replaceAll("o'dea", "card")
      .split(/[ ,'$]+/)
      .filter((word) => word !== "");
  const isListed = ({ ids }: { ids: readonly number[] }) =>
    wordsOf(letters.decode(ids)).every((word) => listed.includes(word));

  test.each([
    ["greedy", {}],
    ["with a beam", { beam: 4, nBest: 4, minLength: 6 }],
    ["drawn", { temperature: 2, minLength: 3 }],
    ["of fixed length", { end: undefined, beam: 3, nBest: 3 }],
    ["that may not repeat itself", { beam: 2, noRepeatNgram: 2, minLength: 5 }],
  ])("writes nothing else: %s", (_, options) => {
    const found = answer(options);
    expect(found.every(isListed)).toBe(true);
    expect(found.filter(({ finished }) => finished).length).toBeGreaterThan(found.length * 0.6);
    expect(found.some(({ ids }) => wordsOf(letters.decode(ids)).some((word) => word.length > 2))).toBe(true);
    expect(answer({ ...options, constraint: undefined }).every(isListed)).toBe(false);
  });

  test("hands back whole words alone where the length ends in the midst of one", () => {
    const [c, a, b, blank] = letters.encode("cab ");
    const wanted = [a, blank, c, a, b];
    const logits = (_: number, history: readonly number[]) =>
      Array.from({ length: letters.size }, (_, id) => (id === wanted[history.length - 1] ? 20 : id === 0 ? -20 : 0));
    const cut = (maxLength: number) => {
      const model = new ToyModel(backend, { V: letters.size, logits });
      const [[found] = []] = search(model, backend, { start: 0, end: 0, maxLength, constraint });
      return { text: letters.decode(found?.ids ?? []), finished: found?.finished };
    };
    expect(cut(5)).toEqual({ text: "a cab", finished: true });
    expect(cut(4)).toEqual({ text: "a ", finished: false });
  });
});
