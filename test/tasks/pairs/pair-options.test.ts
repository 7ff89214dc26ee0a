import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { openReference } from "../../../src/engine/backend/reference.js";
import { Seq2Seq } from "../../../src/models/seq2seq.js";
import { cutsTexts, PairOptions, pairSettings } from "../../../src/tasks/pairs/pair-options.js";
import { pairPresets } from "../../../src/tasks/pairs/pair-presets.js";

describe("settings of a seq2seq run", () => {
  test("nothing said is the book's plain model", () => {
    expect(pairSettings({ seed: 1 })).toEqual({ ...pairPresets.plain, model: "plain", seed: 1 });
  });

  test("what is told goes before the preset, and the preset before what the data suggest", () => {
    const fallback = { model: "text", changes: { hidden: 77, epochs: 3 } } as const;
    expect(pairSettings({ seed: 1, epochs: 9 }, fallback)).toMatchObject({ model: "text", hidden: 77, epochs: 9 });
    const named = pairSettings({ seed: 1, model: "chat", dropout: 0 }, fallback);
    expect(named).toMatchObject({ model: "chat", hidden: pairPresets.chat.hidden, dropout: 0 });
    expect(pairSettings({ seed: 1, model: "translate", bidirectional: false }).bidirectional).toBe(false);
  });

  test("tokens that are told go for both sides, whatever the data suggest", () => {
    const changes = { tokens: "characters", targetTokens: "words", shared: false, vocabulary: 500 };
    const told = pairSettings({ seed: 1, tokens: "bpe" }, { model: "text", changes });
    expect([told.tokens, told.targetTokens, told.vocabulary]).toEqual(["bpe", undefined, pairPresets.text.vocabulary]);
    const both = pairSettings({ seed: 1, tokens: "bpe", targetTokens: "words" }, { model: "text", changes });
    expect(both.targetTokens).toBe("words");
  });

  test.each([
    [{ cell: "gru" }, { passCell: false }],
    [{ decoder: "plain" }, { combine: false, inputFeeding: false, tied: "no" }],
    [{ reverse: true }, { bidirectional: false }],
    [{ hidden: 17 }, { bidirectional: false }],
    [{ combine: false }, { tied: "no" }],
    [{ targetTokens: "characters" }, { shared: false, tied: "no" }],
  ] as const)("what a preset says gives way to %o", (told, changed) => {
    const settings = pairSettings({ seed: 1, model: "chat", ...told });
    expect(settings).toMatchObject({ ...told, ...changed });
    const sizes = { sourceVocabulary: 5, targetVocabulary: settings.shared ? 5 : 6, embedding: 2 };
    const model = new Seq2Seq(openReference(), {
      kind: "seq2seq",
      ...settings,
      hidden: settings.hidden % 2 ? 3 : 4,
      ...sizes,
    });
    expect(model.params.length).toBeGreaterThan(5);
  });

  test("two things that are told and cannot be together are refused, not changed", () => {
    const settings = pairSettings({ seed: 1, model: "chat", reverse: true, bidirectional: true });
    expect(settings).toMatchObject({ reverse: true, bidirectional: true });
  });

  test.each(Object.entries(pairPresets))(
    "the preset %s is within all ranges, and a model can be made of it",
    (model, preset) => {
      const options = z.parse(PairOptions, { model });
      const settings = pairSettings(options);
      expect(settings).toMatchObject(preset);
      const source = model === "listen" ? { frames: 6 } : { sourceVocabulary: 5 };
      const small = {
        ...settings,
        hidden: 4,
        embedding: 2,
        kind: "seq2seq",
        ...source,
        targetVocabulary: 5,
      } as const;
      expect(new Seq2Seq(openReference(), small).config.decoder).toBe(preset.decoder);
    },
  );

  test.each([
    [{}, false],
    [{ model: "dates" }, false],
    [{ model: "peeky", hidden: 5 }, false],
    [{ model: "translate" }, true],
    [{ tokens: "bpe" }, true],
    [{ model: "plain", lowercase: false }, true],
  ])("%o cuts texts: %s", (options, cuts) => {
    expect(cutsTexts(z.parse(PairOptions, options))).toBe(cuts);
  });
});
