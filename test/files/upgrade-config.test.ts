import { describe, expect, test } from "vitest";
import { openReference } from "../../src/engine/backend/reference.js";

import { upgradeConfig, upgradeMetadata } from "../../src/files/model-file.js";
import { readModel, restoreModel } from "../../src/tasks/model-kinds.js";
import { changeFile, makeModelFile, makeTextModelFile } from "../helpers/models.js";

describe("a file of version 1", () => {
  test("of a seq2seq model is read as version 2 would write it", () => {
    const now = readModel("a", makeModelFile({ decoder: "attention", attentionalHidden: true, tieWeights: "output" }));
    const { embeddingSize, hiddenSize, sourceVocabSize, targetVocabSize, ...same } = JSON.parse(
      now.metadata["config"] ?? "",
    );
    const { attentionScore, attentionalHidden, initCell, pyramidLayers, tieWeights: _, ...rest } = same;
    const old = {
      ...{ ...rest, attention: attentionScore, combine: attentionalHidden, passCell: initCell, pyramid: pyramidLayers },
      ...{ tied: "target", embedding: embeddingSize, hidden: hiddenSize },
      ...{ sourceVocabulary: sourceVocabSize, targetVocabulary: targetVocabSize },
    };
    const training = {
      ...{ data: "x", seed: 1, epochs: 2, updates: 3, scores: { exactMatch: 0.5, forcedAccuracy: 0.75 } },
      options: { model: "text", rate: 0.1, clip: 5, tied: "target", splitBy: "row", updates: 7, dropout: 0 },
    };
    const bytes = changeFile(makeModelFile({ decoder: "attention", attentionalHidden: true, tieWeights: "output" }), {
      version: "1",
      config: JSON.stringify(old),
      training: JSON.stringify(training),
    });
    const file = readModel("a", bytes);
    expect([file.version, file.metadata["version"]]).toEqual([1, "2"]);
    expect(restoreModel(openReference(), file).model.config).toEqual(now.config);
    expect(file.training).toEqual({
      ...{ data: "x", seed: 1, epochs: 2, steps: 3, scores: { exactMatch: 0.5, tokenAccuracy: 0.75 } },
      options: {
        ...{ preset: "text", learningRate: 0.1, gradClip: 5, tieWeights: "output", groupBy: "row", maxSteps: 7 },
        dropout: 0,
      },
    });
  });

  test.each([
    [false, "none"],
    [true, "output"],
  ])("of a language model, tied: %s", (tied, tieWeights) => {
    const bytes = makeTextModelFile({ tieWeights: "none" });
    const {
      vocabSize,
      embeddingSize,
      hiddenSize,
      tieWeights: _,
      ...same
    } = JSON.parse(readModel("a", bytes).metadata["config"] ?? "");
    const config = { ...same, vocabulary: vocabSize, embedding: embeddingSize, hidden: hiddenSize, tied };
    const file = readModel("a", changeFile(bytes, { version: "1", config: JSON.stringify(config) }));
    expect(file.config).toEqual({ ...same, vocabSize, embeddingSize, hiddenSize, tieWeights });
  });

  test("that is damaged stays so", () => {
    const metadata = { version: "1", config: "{", tokenizer: "3" };
    expect(upgradeMetadata(metadata)).toEqual({ ...metadata, version: "2" });
    expect([upgradeConfig(null), upgradeConfig([1])]).toEqual([null, [1]]);
  });

  test("has pairs of any length under another name", () => {
    const tokenizer = JSON.stringify({ type: "marked", source: {}, target: null });
    expect(upgradeMetadata({ tokenizer })["tokenizer"]).toBe(JSON.stringify({ type: "eos", source: {}, target: null }));
  });
});
