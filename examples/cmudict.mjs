// Converts the CMU Pronouncing Dictionary to pairs: an English word and its phonemes, `abbey` and `AE B IY`.
// Run: node examples/cmudict.mjs cmudict.dict > cmudict.tsv
// The dictionary is the file cmudict.dict of github.com/cmusphinx/cmudict; its comments begin with #.
//
// Stress marks are removed. A word with several pronunciations has a row for each, in the order of the dictionary;
// pronunciations that differ only in stress are merged. Words are in lower case, and phonemes are separated by blanks.
import { readFileSync } from "node:fs";

const [file = "cmudict.dict"] = process.argv.slice(2);
const rows = new Set();
for (const line of readFileSync(file, "utf8").split("\n")) {
  const [word, ...phonemes] = line.replace(/#.*/, "").trim().split(/\s+/);
  if (phonemes.length === 0) continue;
  const name = word.replace(/\(\d+\)$/, "").toLowerCase(); // abdomen(2) is another way to say abdomen
  rows.add(`${name}\t${phonemes.join(" ").replace(/\d/g, "")}`);
}
for (const row of rows) console.log(row);
