import { describe, expect, test } from "vitest";
import { OptionError } from "../../../src/engine/errors.js";
import {
  type CaptionOptions,
  captionSettings,
  listOf,
  suggestEpochs,
} from "../../../src/tasks/captions/caption-options.js";
import { expectError } from "../../helpers/errors.js";

describe("the settings of a captioner", () => {
  test("are those of pixels, or with an image network those of transfer, which has no convolutions of its own", () => {
    expect(captionSettings({ seed: 1 })).toMatchObject({ preset: "pixels", blocks: "16,32,64", decoder: "attention" });
    expect(captionSettings({ seed: 1, cnn: "a.onnx" })).toMatchObject({
      preset: "transfer",
      blocks: "none",
      cnn: "a.onnx",
    });
  });

  test("change what was given, and what cannot be together with it", () => {
    const plain = captionSettings({ seed: 2, decoder: "plain", hiddenSize: 32, learningRate: 0.01 });
    expect(plain).toMatchObject({
      decoder: "plain",
      attentionalHidden: false,
      hiddenSize: 32,
      learningRate: 0.01,
      seed: 2,
    });
    expect(captionSettings({ seed: 1 }).attentionalHidden).toBe(true);
  });

  const lists = "captionSettings: blocks: expected up to 8 numbers of channels, each at least 1, or none";
  const colour = "captionSettings: mean: expected three numbers R,G,B from 0 to 1";
  test.each<[option: string, value: unknown, message: string]>([
    ["blocks", "16;32", `${lists}, got "16;32".`],
    ["blocks", "1,2,x", `${lists}, got "1,2,x".`],
    ["blocks", "16,0", `${lists}, got "16,0".`],
    ["blocks", "1,1,1,1,1,1,1,1,1", `${lists}, got "1,1,1,1,1,1,1,1,1".`],
    ["mean", "0.5", `${colour}, got "0.5".`],
    ["mean", "128,128,128", `${colour}, got "128,128,128".`],
    ["mean", "-1,0,0", `${colour}, got "-1,0,0".`],
    ["mean", "0,,1", `${colour}, got "0,,1".`],
    ["mean", "a,b,c", `${colour}, got "a,b,c".`],
    ["size", 2, "captionSettings: size: expected at least 4, got 2."],
  ])("are refused where %s is %j", (option, value, message) => {
    expectError(OptionError, () => captionSettings({ seed: 1, [option]: value }), message);
  });

  test.each<[options: Partial<CaptionOptions>, message: string]>([
    [{ preset: "transfer" }, "preset: expected `cnn` with transfer, got none."],
    [{ decoder: "plain", attentionScore: "dot" }, "attentionScore: expected `decoder` attention, got plain."],
    [{ decoder: "peeky", attentionalHidden: true }, "attentionalHidden: expected `decoder` attention, got peeky."],
  ])("are refused where one would be of no use: %o", (options, message) => {
    expectError(OptionError, () => captionSettings({ seed: 1, ...options }), message);
  });

  test("have as many epochs as about 12,000 steps take, but not too few or too many", () => {
    expect(suggestEpochs(77_000, 64)).toBe(10);
    expect([suggestEpochs(1_000_000, 64), suggestEpochs(100, 64)]).toEqual([5, 60]);
  });

  test("have lists with commas between", () => {
    expect([listOf("16,32,64"), listOf("8"), listOf("none")]).toEqual([[16, 32, 64], [8], []]);
  });
});
