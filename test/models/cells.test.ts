import { describe, expect, test } from "vitest";
import { openReference } from "../../src/engine/backend/reference.js";
import { Adam } from "../../src/engine/optim/optimizer.js";
import { writeModel } from "../../src/files/model-file.js";
import { Seq2Seq } from "../../src/models/seq2seq.js";
import { readModel, restoreModel } from "../../src/tasks/model-kinds.js";
import { describeBackends } from "../helpers/backends.js";
import { expectSameBits } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";
import { expectSlopes, fill } from "../helpers/differences.js";
import { changeFile, makeModel } from "../helpers/models.js";

const shape = { sourceVocabSize: 6, targetVocabSize: 5, embeddingSize: 2, hiddenSize: 3 };
const config = { kind: "seq2seq", decoder: "peeky", reverse: true, initCell: false, ...shape } as const;

describe.each(["gru", "rnn"] as const)("a seq2seq of cell %s", (cell) => {
  test("has PyTorch's names", () => {
    const names = new Seq2Seq(openReference(), { ...config, cell }).params.map(({ name }) => name);
    const biases = cell === "gru" ? ["bias_ih_l0", "bias_hh_l0"] : ["bias_l0"];
    for (const part of ["encoder", "decoder"])
      for (const name of ["weight_ih_l0", "weight_hh_l0", ...biases])
        expect(names).toContain(`${part}.${cell}.${name}`);
    expect(names.filter((name) => name.includes("lstm"))).toEqual([]);
  });

  test("has the gradients of central differences, through decoder and encoder", () => {
    const backend = openReference();
    const desk = new Desk(backend, 1);
    const model = new Seq2Seq(backend, { ...config, cell });
    for (const { value } of model.params) fill(desk, value, 0.5);
    const batch = { source: desk.below([2, 3], 6), target: desk.below([2, 4], 5) };
    model.forward(batch);
    model.backward();
    const loss = () => model.forward(batch);
    for (const { name, value, grad } of model.params) expectSlopes(name, loss, value, grad.data);
  });

  describeBackends((backend) => {
    test("learns a batch by heart", () => {
      const desk = new Desk(backend(), 1);
      const model = new Seq2Seq(backend(), { ...config, hiddenSize: 16, embeddingSize: 8, cell }).initialize(1);
      const batch = { source: desk.below([4, 3], 6), target: desk.below([4, 4], 5) };
      const adam = new Adam(backend(), model.params, 0.02);
      const before = model.forward(batch);
      for (let step = 1; step <= 150; step++) {
        for (const { grad } of model.params) grad.data.fill(0);
        model.forward(batch);
        model.backward();
        adam.step(1, step);
      }
      expect(before).toBeGreaterThan(1);
      expect(model.forward(batch)).toBeLessThan(0.05);
    });
  });

  test("comes back from its file", () => {
    const backend = openReference();
    const saved = makeModel(backend, { cell });
    const file = readModel("a file", writeModel(saved));
    expect(file.config.cell).toBe(cell);
    const { model } = restoreModel(backend, file);
    model.params.forEach(({ name, value }, i) => {
      expectSameBits(name, value.data, saved.model.params[i]?.value.data);
    });
  });

  test("has no cell state to pass", () => {
    const make = () => new Seq2Seq(openReference(), { ...config, cell, initCell: true });
    expect(make).toThrow(`Seq2Seq: initCell: expected cell lstm, got ${cell}.`);
  });
});

test("a file that names no cell holds an LSTM", () => {
  const bytes = writeModel(makeModel(openReference()));
  const { cell, ...rest } = readModel("a file", bytes).config;
  expect(cell).toBe("lstm");
  const older = readModel("an older file", changeFile(bytes, { config: JSON.stringify(rest) }));
  expect(restoreModel(openReference(), older).model.config).toEqual({ ...rest, cell: "lstm" });
});
