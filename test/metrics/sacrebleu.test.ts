import { describe, expect, test } from "vitest";
import { corpusBleu, sentenceBleu } from "../../src/metrics/bleu.js";
import { corpusChrf, sentenceChrf } from "../../src/metrics/chrf.js";
import { expectClose } from "../helpers/close.js";
import { skipWithoutData } from "../helpers/data.js";
import { type Corpus, readSharedMetrics, recorded, sharedMetrics } from "../helpers/metrics.js";

/** The last digits of a mean of logarithms are the engine's own. */
const tolerance = { absolute: 1e-6 };

function expectBleu({ hypotheses, references, bleu }: Corpus): void {
  for (const { options, ...said } of bleu) {
    const { score, precisions, brevityPenalty, ...exact } = corpusBleu(hypotheses, references, options);
    expectClose(said.signature, [score, brevityPenalty], [said.score, said.brevityPenalty], tolerance);
    expectClose(said.signature, precisions, said.precisions, tolerance);
    expect(exact).toEqual({
      hypothesisLength: said.hypothesisLength,
      referenceLength: said.referenceLength,
      signature: said.signature,
    });
  }
}

function expectChrf({ hypotheses, references, chrf }: Corpus): void {
  for (const { options, score, signature } of chrf) {
    const own = corpusChrf(hypotheses, references, options);
    expectClose(signature, [own.score], [score], tolerance);
    expect(own.signature).toBe(signature);
  }
}

function expectSentences({ name, hypotheses, references, sentences }: Corpus): void {
  const own = hypotheses.flatMap((hypothesis, i) => {
    const own = references[i] ?? [];
    return [sentenceBleu(hypothesis, own).score, sentenceChrf(hypothesis, own).score];
  });
  expectClose(name, own, sentences.flat(), tolerance);
}

describe.each(recorded.corpora)("sacreBLEU agrees on a corpus: $name", (corpus) => {
  test("BLEU with its parts and signatures: 9 combinations of options", () => {
    expect(corpus.bleu).toHaveLength(9);
    expectBleu(corpus);
  });

  test("chrF and chrF++", () => {
    expect(corpus.chrf).toHaveLength(3);
    expectChrf(corpus);
  });

  test("BLEU and chrF of each sentence", () => expectSentences(corpus));
});

describe.skipIf(skipWithoutData(sharedMetrics))("sacreBLEU agrees on the corpora of the real data", () => {
  test("BLEU: 4 corpora, 4 tokenizations, 4 smoothings, with and without case", () => {
    const corpora = readSharedMetrics();
    expect(corpora.map(({ bleu }) => bleu.length)).toEqual([32, 32, 32, 32]);
    for (const corpus of corpora) expectBleu(corpus);
  });

  test("chrF and chrF++, with and without case", () => {
    const corpora = readSharedMetrics();
    expect(corpora.map(({ chrf }) => chrf.length)).toEqual([4, 4, 4, 4]);
    for (const corpus of corpora) expectChrf(corpus);
  });

  test("BLEU and chrF of 309 sentences", () => {
    const corpora = readSharedMetrics();
    expect(corpora.reduce((sum, { sentences }) => sum + sentences.length, 0)).toBe(309);
    for (const corpus of corpora) expectSentences(corpus);
  });
});
