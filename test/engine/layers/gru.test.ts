import { expect, test } from "vitest";
import { GRU } from "../../../src/engine/layers/gru.js";
import { describeBackends } from "../../helpers/backends.js";
import { expectClose } from "../../helpers/close.js";
import { Desk } from "../../helpers/desk.js";
import { fill, fillParams } from "../../helpers/differences.js";
import { describeRecurrentLayer } from "../../helpers/recurrent-layer.js";

const [N, T, D, H, C] = [2, 3, 5, 7, 4];

describeRecurrentLayer("gru");

describeBackends((backend) => {
  test("parameters have PyTorch's names and shapes", () => {
    const { params } = new GRU(backend(), { D, H, C }, "encoder.gru", 1);
    expect(params.map(({ name, value, grad }) => [name, value.shape, grad.shape])).toEqual([
      ["encoder.gru.weight_ih_l1", [21, 9], [21, 9]],
      ["encoder.gru.weight_hh_l1", [21, 7], [21, 7]],
      ["encoder.gru.bias_ih_l1", [21], [21]],
      ["encoder.gru.bias_hh_l1", [21], [21]],
    ]);
  });

  test("an update gate of 1 copies the state, and its gradient", () => {
    const desk = new Desk(backend(), 1);
    const layer = new GRU(backend(), { D, H });
    fillParams(desk, layer.params);
    layer.params[2].value.data.fill(100, H, 2 * H);
    const [xs, h, dLast] = [
      [N, T, D],
      [N, H],
      [N, H],
    ].map((shape) => fill(desk, backend().arena.tensor(shape)));
    if (!xs || !h || !dLast) throw new Error("expected three tensors");
    layer.state = { h };
    layer.forward(xs);
    expectClose("hn", layer.last?.h.data, h.data, { relative: 1e-6 });
    layer.backward(undefined, { h: dLast });
    expectClose("dh0", layer.dState?.h.data, dLast.data, { relative: 1e-6 });
  });
});
