import { Random } from "../../engine/random.js";
import { type SplitName, splitOf, usualShares } from "../pairs/pairs.js";

/** A string of digits, and the voice that speaks it. */
export interface Spoken {
  readonly digits: string;
  readonly voice: string;
  /** Words per minute. */
  readonly speed: number;
  /** From 0 to 99. */
  readonly pitch: number;
  /** Pause between two digits, in units of 10 ms. */
  readonly gap: number;
}

const accents = "en-us en-us-nyc en-gb en-gb-x-rp en-gb-x-gbclan en-gb-x-gbcwmd en-gb-scotland en-029".split(" ");

/** The variants of espeak-ng that sound like people, all different: no robots, no whispers, no near-duplicates. */
export const people = [
  ..."m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5 Alex Alicia Andrea Andy Annie Denis Diogo Gene Henrique Hugo".split(" "),
  ..."Jacky Lee Marco Mario Michael Mike Nguyen Storm adam antonio aunty belinda benjamin boris david ed".split(" "),
  ..."edward grandma grandpa gustave iven john kaukovalta linda marcelo max michel miguel norbert pablo".split(" "),
  ..."paul pedro quincy rob robert sandro shelby steph travis victor zac".split(" "),
];

/** Number of voices that speak only in one of these sets. */
const held = { test: 12, valid: 6 };

/**
 * Strings of one to five digits for each set. No voice is in two sets. The ten single digits are all in the training set;
 * a longer string is in one set only, and in the validation and the test set only once.
 * @param count of all sets together; about a tenth is for the test, half as many for validation
 */
export function drawSpoken(count: number, seed: number): Record<SplitName, Spoken[]> {
  const voices = new Random(seed, 0x701ce).shuffle([...people]);
  const voicesOf = {
    test: voices.slice(0, held.test),
    valid: voices.slice(held.test, held.test + held.valid),
    train: voices.slice(held.test + held.valid),
  };
  const shares = usualShares(count);
  const [test, valid] = [shares.test, shares.valid].map((share) => Math.max(1, Math.round(share * count)));
  const draw = (part: SplitName, stream: number, size = 0): Spoken[] => {
    const random = new Random(seed, stream);
    const asked = new Set<string>();
    return Array.from({ length: size }, () => {
      let digits = "";
      while (partOfDigits(digits, seed) !== part || asked.has(digits)) digits = drawDigits(random);
      if (part !== "train") asked.add(digits);
      const [accent, voice] = [pick(accents, random), pick(voicesOf[part], random)];
      const [speed, pitch, gap] = [110 + random.below(111), 20 + random.below(61), random.below(9)];
      return { digits, voice: `${accent}+${voice}`, speed, pitch, gap };
    });
  };
  const train = count - (test ?? 0) - (valid ?? 0);
  return { train: draw("train", 0xd161, train), valid: draw("valid", 0xd162, valid), test: draw("test", 0xd163, test) };
}

function partOfDigits(digits: string, seed: number): SplitName | undefined {
  if (digits.length < 2) return digits === "" ? undefined : "train";
  return splitOf(digits, { test: 0.2, valid: 0.1 }, seed);
}

function drawDigits(random: Random): string {
  return Array.from({ length: 1 + random.below(5) }, () => random.below(10)).join("");
}

function pick<T>(list: readonly T[], random: Random): T {
  const one = list[random.below(list.length)];
  if (one === undefined) throw new Error("pick: expected a list of one or more.");
  return one;
}
