import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { readData, skipWithoutData } from "../helpers/data.js";
import { makeFolder } from "../helpers/folder.js";

type Row = readonly [source: string, target: string];

/** What an example prints, one pair a line. */
async function pairsOf(name: string, ...args: (string | number)[]): Promise<Row[]> {
  const example = fileURLToPath(new URL(`../../examples/${name}.mjs`, import.meta.url));
  const run = promisify(execFile)(process.execPath, [example, ...args.map(String)], { maxBuffer: 2 ** 26 });
  const { stdout, stderr } = await run;
  expect(stderr).toBe("");
  expect(stdout.endsWith("\n")).toBe(true);
  return stdout
    .slice(0, -1)
    .split("\n")
    .map((line) => {
      const [source = "", target = "", ...rest] = line.split("\t");
      expect(rest).toEqual([]);
      return [source, target];
    });
}

const sourcesOf = (pairs: readonly Row[]): Set<string> => new Set(pairs.map(([source]) => source));
const matchesOf = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([match]) => match);

describe.each(["summaries", "questions", "mails"])("examples/%s.mjs", (name) => {
  test("makes 30,000 pairs of different sources: words in lower case with one blank between them", async () => {
    const pairs = await pairsOf(name);
    expect(pairs).toHaveLength(30_000);
    expect(sourcesOf(pairs).size).toBe(30_000);
    expect(pairs.flat().filter((text) => !/^[a-z\d,.?!:()|-]+( [a-z\d,.?!:()|-]+)*$/.test(text))).toEqual([]);
    expect(pairs.flat().filter((text) => /undefined|\d{4}/.test(text))).toEqual([]);
  });

  test("makes the same pairs from the same seed, more of them where more are asked for, and others from another seed", async () => {
    const few = await pairsOf(name, 300, 7);
    const many = await pairsOf(name, 2000, 7);
    const others = await pairsOf(name, 2000, 8);
    expect(many.slice(0, 300)).toEqual(few);
    expect([many.length, others.length]).toEqual([2000, 2000]);
    const known = sourcesOf(many);
    expect(others.filter(([source]) => known.has(source)).length).toBeLessThan(40);
  });
});

describe("the rule of each recipe", () => {
  test("a summary is the first clause and the numbers of the rest", async () => {
    const pairs = await pairsOf("summaries", 5000);
    const wrong = pairs.filter(([text, summary]) => {
      const end = text.search(/ [,.]/);
      const numbers = matchesOf(text.slice(end), /\d+/g);
      return summary !== text.slice(0, end) + (numbers.length > 0 ? ` ( ${numbers.join(" , ")} )` : "");
    });
    expect(wrong).toEqual([]);
    // So that copying is learned: 94 % of all texts have a number behind the first clause, and 37 % have more than one.
    expect(pairs.filter(([, summary]) => summary.includes("(")).length).toBeGreaterThan(4500);
    expect(pairs.filter(([, summary]) => /\( \d+ , \d+/.test(summary)).length).toBeGreaterThan(1700);
  });

  test("an answer is what the one fact asked for says", async () => {
    const pairs = await pairsOf("questions", 5000);
    expect(pairs.filter((pair) => answersOf(pair[0]).join(" or ") !== pair[1])).toEqual([]);
    const asked = new Set(pairs.map(([source]) => /\| (how (many|much)|[a-z]+)/.exec(source)?.[1]));
    expect(asked).toEqual(new Set(["who", "whom", "what", "where", "when", "how", "how many", "how much", "on"]));
    // A story has one fact, two or three, a third of all each: the spread of a share of 5,000 is 0.7 %.
    for (const facts of [1, 2, 3]) {
      const share = pairs.filter(([source]) => matchesOf(source, / \.(?= )/g).length === facts).length / 5000;
      expect(Math.abs(share - 1 / 3)).toBeLessThan(0.03);
    }
  });

  test("a reply is to the one who wrote, from the one who was written to, and has every day, time and number", async () => {
    const details = /\b((mon|tues|wednes|thurs|fri|satur|sun)day|\d+:\d\d|\d+)\b/g;
    const replies = new Map<string, Set<string>>();
    for (const [mail, reply] of await pairsOf("mails", 5000)) {
      const [, reader = "", body = "", writer = ""] =
        /^[a-z ]*(\b\w\w \w+) , (.*) (?:kind regards|best wishes|many thanks|yours) , (\w+)$/.exec(mail) ?? [];
      const [, to, said = "", from] =
        /^dear (\w+) , thank you for your mail \. (.*) kind regards , (.*)$/.exec(reply) ?? [];
      expect([to, from]).toEqual([writer, reader]);
      if (!said.startsWith("i am glad")) expect(new Set(said.match(details))).toEqual(new Set(body.match(details)));
      const bare = (text: string): string => text.replace(details, "…").replace(/\bthe \w+s\b/g, "the …");
      const request = bare(body.replace(/^(i hope|it was good|i have a question|sorry)[^.]*\. /, ""));
      replies.set(request, (replies.get(request) ?? new Set()).add(bare(said)));
    }
    expect([...replies.values()].filter((said) => said.size !== 1)).toEqual([]);
    expect(new Set([...replies.values()].flatMap((said) => [...said])).size).toBe(10);
  });
});

describe("examples/cmudict.mjs", () => {
  test("leaves out stress and comments, and has a row for each way to say a word", async () => {
    const file = join(makeFolder(), "small.dict");
    const lines = [
      "'bout B AW1 T",
      "aalborg AO1 L B AO0 R G # place, danish",
      "abdomen AE0 B D OW1 M AH0 N",
      "abdomen(2) AE1 B D AH0 M AH0 N",
      "Permit P ER0 M IH1 T",
      "permit(2) P ER1 M IH2 T # differs in stress only",
      "# a comment of its own",
      "",
    ];
    writeFileSync(file, lines.join("\n"));
    expect(await pairsOf("cmudict", file)).toEqual([
      ["'bout", "B AW T"],
      ["aalborg", "AO L B AO R G"],
      ["abdomen", "AE B D OW M AH N"],
      ["abdomen", "AE B D AH M AH N"],
      ["permit", "P ER M IH T"],
    ]);
  });

  // Counted with: sed 's/ *#.*//; s/([0-9]*) / /; s/[0-9]//g' cmudict.dict | sort -u | wc -l; for the words, after cut -d' ' -f1.
  const data = "cmudict.dict";
  test.skipIf(skipWithoutData(data))("makes 134,860 rows of the 126,052 words of the real dictionary", async () => {
    const file = join(makeFolder(), data);
    writeFileSync(file, readData(data));
    const pairs = await pairsOf("cmudict", file);
    expect([pairs.length, sourcesOf(pairs).size]).toEqual([134_860, 126_052]);
    expect(new Set(pairs.flatMap(([, phonemes]) => phonemes.split(" "))).size).toBe(39);
    expect(pairs.filter(([word]) => word === "abdomen").map(([, phonemes]) => phonemes)).toEqual([
      "AE B D OW M AH N",
      "AE B D AH M AH N",
    ]);
  });
});

/** Every answer that the story has to its question: of each fact that agrees with the question, what is asked for. */
function answersOf(source: string): string[] {
  const [story = "", question = ""] = source.split(" | ");
  return relations.flatMap(({ told, asked }) => {
    const facts = story.split(/(?<= \.) /).flatMap((sentence) => told.flatMap((form) => read(form, sentence)));
    return asked.flatMap(([form, answer]) => {
      const meant = read(form, question).flatMap((known) => facts.filter((fact) => agree(fact, known)));
      return meant.map((fact) => answer.replace(/[A-Z]+/g, (key) => fact[key] ?? key));
    });
  });
}

type Fact = Readonly<Record<string, string>>;

const agree = (fact: Fact, known: Fact): boolean => Object.entries(known).every(([key, word]) => fact[key] === word);

/** The words that stand where the form has capitals; nothing where the text has another form. */
function read(form: string, text: string): Fact[] {
  const pattern = form.replace(/[.?]/g, "\\$&").replace(/[A-Z]+/g, "(?<$&>\\S+)");
  const { groups } = new RegExp(`^${pattern}$`).exec(text) ?? {};
  return groups ? [groups] : [];
}

const relations: readonly {
  told: readonly string[];
  asked: readonly (readonly [question: string, answer: string])[];
}[] = [
  {
    told: ["GIVER gave N COLOR TOY to TAKER on DAY .", "on DAY TAKER got N COLOR TOY from GIVER ."],
    asked: [
      ["who gave away the TOY ?", "GIVER"],
      ["who got the COLOR TOY ?", "TAKER"],
      ["what did GIVER give to TAKER ?", "N COLOR TOY"],
      ["how many TOY did TAKER get ?", "N"],
      ["when did TAKER get the TOY ?", "on DAY"],
    ],
  },
  {
    told: ["WHO went to TOWN by VEHICLE on DAY .", "on DAY WHO took the VEHICLE to TOWN ."],
    asked: [
      ["who went to TOWN ?", "WHO"],
      ["where did WHO go on DAY ?", "to TOWN"],
      ["when did WHO go to TOWN ?", "on DAY"],
      ["how did WHO get to TOWN ?", "by VEHICLE"],
    ],
  },
  {
    told: ["WHO met WHOM in the PLACE at TIME .", "at TIME WHO met WHOM in the PLACE ."],
    asked: [
      ["who met WHOM ?", "WHO"],
      ["whom did WHO meet in the PLACE ?", "WHOM"],
      ["where did WHO meet WHOM ?", "in the PLACE"],
      ["when did WHO meet WHOM ?", "at TIME"],
    ],
  },
  {
    told: ["WHO bought N FOOD at the SHOP and paid PRICE euros .", "at the SHOP WHO paid PRICE euros for N FOOD ."],
    asked: [
      ["who was at the SHOP ?", "WHO"],
      ["what did WHO buy ?", "N FOOD"],
      ["where did WHO buy the FOOD ?", "at the SHOP"],
      ["how many FOOD did WHO buy ?", "N"],
      ["how much did WHO pay ?", "PRICE euros"],
    ],
  },
  {
    told: ["WHO lives in TOWN and works as a JOB .", "WHO is a JOB from TOWN ."],
    asked: [
      ["who lives in TOWN ?", "WHO"],
      ["where does WHO live ?", "in TOWN"],
      ["what is WHO ?", "a JOB"],
      ["who is the JOB ?", "WHO"],
    ],
  },
  {
    told: ["the EVENT in the PLACE is on DAY at TIME .", "on DAY at TIME there is a EVENT in the PLACE ."],
    asked: [
      ["what is in the PLACE ?", "the EVENT"],
      ["where is the EVENT ?", "in the PLACE"],
      ["on which day is the EVENT ?", "on DAY"],
      ["when does the EVENT begin ?", "at TIME"],
    ],
  },
];
