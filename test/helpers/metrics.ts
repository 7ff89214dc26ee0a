import * as z from "zod/mini";
import { BleuOptions } from "../../src/metrics/bleu.js";
import { ChrfOptions } from "../../src/metrics/chrf.js";
import json from "../fixtures/metrics.json" with { type: "json" };
import { readData } from "./data.js";

const Bleu = z.object({
  ...{ options: BleuOptions, score: z.number(), precisions: z.array(z.number()), brevityPenalty: z.number() },
  ...{ hypothesisLength: z.int(), referenceLength: z.int(), signature: z.string() },
});
const Chrf = z.object({ options: ChrfOptions, score: z.number(), signature: z.string() });
const Texts = z.array(z.string());
const Sentence = z.tuple([z.number(), z.number()]);

/** A corpus, and what sacreBLEU says of it; of each sentence its BLEU (effective order) and chrF. */
const Corpus = z.object({
  ...{ name: z.string(), hypotheses: Texts, references: z.array(Texts) },
  ...{ bleu: z.array(Bleu), chrf: z.array(Chrf), sentences: z.array(Sentence) },
});
export type Corpus = z.infer<typeof Corpus>;

const Interval = z.object({ mean: z.number(), halfWidth: z.number() });
const Tokens = z.union([z.string(), z.array(z.union([z.string(), z.number()]))]);

/** Recorded by test/fixtures/metrics.py with sacreBLEU 2.6.0 and RapidFuzz 3.14.6. */
export const recorded = z.parse(
  z.object({
    corpora: z.array(Corpus),
    bootstrap: z.object({ corpus: z.string(), resamples: z.int(), bleu: Interval, chrf: Interval }),
    edits: z.array(z.object({ a: Tokens, b: Tokens, distance: z.int() })),
  }),
  json,
);

export const sharedMetrics = "metrics/sacrebleu.json";

const SharedBleu = z.object({
  ...{ score: z.number(), precisions: z.array(z.number()), bp: z.number() },
  ...{ sys_len: z.int(), ref_len: z.int(), signature: z.string() },
});
const Shared = z.object({
  cases: z.array(
    z.object({
      ...{ name: z.string(), hypotheses: Texts, references: z.array(Texts) },
      corpus: z.record(z.string(), z.unknown()),
      sentences: z.array(z.object({ bleu: z.number(), chrf: z.number() })),
    }),
  ),
});

/** The corpora of the real data in the form of the recorded ones; their options stand in names such as `bleu tok=13a`. */
export function readSharedMetrics(): Corpus[] {
  const { cases } = z.parse(Shared, JSON.parse(new TextDecoder().decode(readData(sharedMetrics))));
  return cases.map(({ name, hypotheses, references, corpus, sentences }) => {
    const of = (measure: string) =>
      Object.entries(corpus)
        .filter(([key]) => key.startsWith(`${measure} `))
        .map(([key, said]) => ({
          said,
          options: new Map([...key.matchAll(/(\w+)=(\S+)/g)].map(([, k = "", v = ""]) => [k, v])),
        }));
    const release = (signature: string): string => signature.replace(/\+\w+$/, ""); // of the commit it was built from
    return {
      ...{ name, hypotheses },
      references: hypotheses.map((_, i) => references.map((stream) => stream[i] ?? "")),
      bleu: of("bleu").map(({ said, options }) => {
        const { score, precisions, bp, sys_len, ref_len, signature } = z.parse(SharedBleu, said);
        const [tokenize, smooth] = [options.get("tok"), options.get("smooth")];
        return {
          options: z.parse(BleuOptions, { tokenize, smooth, lowercase: options.get("lowercase") === "True" }),
          ...{ score, precisions, brevityPenalty: bp, hypothesisLength: sys_len, referenceLength: ref_len },
          signature: release(signature),
        };
      }),
      chrf: of("chrf").map(({ said, options }) => {
        const { score, signature } = z.parse(z.object({ score: z.number(), signature: z.string() }), said);
        const wordOrder = Number(options.get("word_order"));
        const given = z.parse(ChrfOptions, { wordOrder, lowercase: options.get("lowercase") === "True" });
        return { options: given, score, signature: release(signature) };
      }),
      sentences: sentences.map(({ bleu, chrf }): [number, number] => [bleu, chrf]),
    };
  });
}
