import { expect, test } from "vitest";
import { drawSpoken, people } from "../../../src/tasks/sounds/spoken-digits.js";

const { train, valid, test: held } = drawSpoken(4000, 1);

test("the parts are 85, 5 and 10 % of what was asked for", () => {
  expect([train.length, valid.length, held.length]).toEqual([3400, 200, 400]);
});

test("strings have one to five digits, those of one all in training", () => {
  const count = (part: typeof train, length: number) => part.filter(({ digits }) => digits.length === length).length;
  // A fifth are of each length; of those of two and more, three tenths belong to the other parts.
  for (const length of [2, 3, 4, 5]) expect(count(train, length) / 3400).toBeCloseTo(0.7 / (4 * 0.7 + 1), 1);
  expect(count(train, 1) / 3400).toBeCloseTo(1 / (4 * 0.7 + 1), 1);
  expect([count(valid, 1), count(held, 1)]).toEqual([0, 0]);
  expect(new Set(train.flatMap(({ digits }) => (digits.length === 1 ? [digits] : []))).size).toBe(10);
});

test("nobody is heard in two parts, and everybody in one", () => {
  const heard = [train, valid, held].map((part) => new Set(part.map(({ voice }) => voice.split("+")[1])));
  expect(heard.map(({ size }) => size)).toEqual([people.length - 18, 6, 12]);
  expect(new Set(heard.flatMap((voices) => [...voices])).size).toBe(people.length);
});

test("what is asked in validation and test is asked once, and is in no other part", () => {
  const [a, b, c] = [train, valid, held].map((part) => new Set(part.map(({ digits }) => digits)));
  expect([b?.size, c?.size]).toEqual([200, 400]);
  expect([...(b ?? []), ...(c ?? [])].filter((digits) => a?.has(digits))).toEqual([]);
  expect([...(b ?? [])].filter((digits) => c?.has(digits))).toEqual([]);
});

test("the same seed draws the same, another seed other strings and voices", () => {
  expect(drawSpoken(4000, 1)).toEqual({ train, valid, test: held });
  const other = drawSpoken(4000, 2);
  expect(other.test.map(({ voice }) => voice).slice(0, 5)).not.toEqual(held.map(({ voice }) => voice).slice(0, 5));
  expect(other.train.map(({ digits }) => digits).slice(0, 5)).not.toEqual(
    train.map(({ digits }) => digits).slice(0, 5),
  );
});
