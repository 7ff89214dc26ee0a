import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { openReference } from "../../../src/engine/backend/reference.js";
import { Seq2Seq } from "../../../src/models/seq2seq.js";
import { cutsTexts, PairOptions, pairPresets, pairSettings } from "../../../src/tasks/pairs/pair-options.js";

describe("settings of a seq2seq run", () => {
  test("nothing said is the book's plain model", () => {
    expect(pairSettings({ seed: 1 })).toEqual({ ...pairPresets.plain, preset: "plain", seed: 1 });
  });

  test("what is given goes before the preset, and the preset before what the data suggest", () => {
    const fallback = { preset: "text", changes: { hiddenSize: 77, epochs: 3 } } as const;
    expect(pairSettings({ seed: 1, epochs: 9 }, fallback)).toMatchObject({ preset: "text", hiddenSize: 77, epochs: 9 });
    const named = pairSettings({ seed: 1, preset: "chat", dropout: 0 }, fallback);
    expect(named).toMatchObject({ preset: "chat", hiddenSize: pairPresets.chat.hiddenSize, dropout: 0 });
    expect(pairSettings({ seed: 1, preset: "translate", bidirectional: false }).bidirectional).toBe(false);
  });

  test("tokenizers that are given go for both sides, whatever the data suggest", () => {
    const changes = { tokenizer: "characters", targetTokenizer: "words", shareVocab: false, vocabSize: 500 };
    const chosen = pairSettings({ seed: 1, tokenizer: "bpe" }, { preset: "text", changes });
    expect([chosen.tokenizer, chosen.targetTokenizer, chosen.vocabSize]).toEqual([
      "bpe",
      undefined,
      pairPresets.text.vocabSize,
    ]);
    const both = pairSettings({ seed: 1, tokenizer: "bpe", targetTokenizer: "words" }, { preset: "text", changes });
    expect(both.targetTokenizer).toBe("words");
  });

  test.each([
    [{ cell: "gru" }, { initCell: false }],
    [{ decoder: "plain" }, { attentionalHidden: false, inputFeeding: false, tieWeights: "none" }],
    [{ reverse: true }, { bidirectional: false }],
    [{ hiddenSize: 17 }, { bidirectional: false }],
    [{ attentionalHidden: false }, { tieWeights: "none" }],
    [{ targetTokenizer: "characters" }, { shareVocab: false, tieWeights: "none" }],
  ] as const)("what a preset says is overridden by %o", (given, changed) => {
    const settings = pairSettings({ seed: 1, preset: "chat", ...given });
    expect(settings).toMatchObject({ ...given, ...changed });
    const sizes = { sourceVocabSize: 5, targetVocabSize: settings.shareVocab ? 5 : 6, embeddingSize: 2 };
    const model = new Seq2Seq(openReference(), {
      kind: "seq2seq",
      ...settings,
      hiddenSize: settings.hiddenSize % 2 ? 3 : 4,
      ...sizes,
    });
    expect(model.params.length).toBeGreaterThan(5);
  });

  test("two things that are given and cannot be together are refused, not changed", () => {
    const settings = pairSettings({ seed: 1, preset: "chat", reverse: true, bidirectional: true });
    expect(settings).toMatchObject({ reverse: true, bidirectional: true });
  });

  test.each(Object.entries(pairPresets))(
    "the preset %s is within all ranges, and a model can be made of it",
    (name, preset) => {
      const options = z.parse(PairOptions, { preset: name });
      const settings = pairSettings(options);
      expect(settings).toMatchObject(preset);
      const source = name === "listen" ? { frameSize: 6 } : { sourceVocabSize: 5 };
      const small = {
        ...settings,
        hiddenSize: 4,
        embeddingSize: 2,
        kind: "seq2seq",
        ...source,
        targetVocabSize: 5,
      } as const;
      expect(new Seq2Seq(openReference(), small).config.decoder).toBe(preset.decoder);
    },
  );

  test.each([
    [{}, false],
    [{ preset: "dates" }, false],
    [{ preset: "peeky", hiddenSize: 5 }, false],
    [{ preset: "translate" }, true],
    [{ tokenizer: "bpe" }, true],
    [{ preset: "plain", lowercase: false }, true],
  ])("%o cuts texts: %s", (options, cuts) => {
    expect(cutsTexts(z.parse(PairOptions, options))).toBe(cuts);
  });
});
