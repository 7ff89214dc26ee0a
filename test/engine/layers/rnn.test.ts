import { expect, test } from "vitest";
import { openReference } from "../../../src/engine/backend/reference.js";
import { RNN } from "../../../src/engine/layers/rnn.js";
import { describeRecurrentLayer } from "../../helpers/recurrent-layer.js";

describeRecurrentLayer("rnn");

test("parameters have PyTorch's names and shapes, with one bias", () => {
  const { params } = new RNN(openReference(), { D: 5, H: 7, C: 4 }, "encoder.rnn", 1);
  expect(params.map(({ name, value, grad }) => [name, value.shape, grad.shape])).toEqual([
    ["encoder.rnn.weight_ih_l1", [7, 9], [7, 9]],
    ["encoder.rnn.weight_hh_l1", [7, 7], [7, 7]],
    ["encoder.rnn.bias_l1", [7], [7]],
  ]);
});
