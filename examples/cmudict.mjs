// Makes pairs of the CMU Pronouncing Dictionary: an English word and how it is said, `abbey` and `AE B IY`.
// Run: node examples/cmudict.mjs cmudict.dict > cmudict.tsv
// The dictionary is the file cmudict.dict of github.com/cmusphinx/cmudict; comments in it begin with #.
//
// The digits that mark stress are left out. A word with several pronunciations has a row for each, the first one first;
// those that differed in stress only are one. Words are in lower case, phonemes have blanks between them.
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
