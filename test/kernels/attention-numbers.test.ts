import { describe, test } from "vitest";
import { openReference } from "../../src/engine/backend/reference.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { describeBackends } from "../helpers/backends.js";
import { expectClose } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";
import { dot, expectSlopes, fill } from "../helpers/differences.js";
import { intsOf, readAttentionKernels, tensorOf } from "../helpers/fixtures.js";

// attention-kernels.json, by test/fixtures/complex-step.py: gradients of Σ contexts·dcontexts.
describeBackends((backend) => {
  test.each(readAttentionKernels().map((c) => [c.name, c] as const))("gives the numbers of float64: %s", (_, c) => {
    const { kernels, arena } = backend();
    const { N, T, S, A, H, inputs } = c;
    const given = (name: keyof typeof inputs) => tensorOf(backend(), inputs[name]);
    const [queries, keys, vector] = [given("queries"), given("keys"), given("vector")];
    const [values, dcontexts] = [given("values"), given("dcontexts")];
    const lengths = c.lengths ? intsOf(backend(), { shape: [N], data: c.lengths }) : undefined;
    const [scores, weights, dscores] = [arena.tensor([N, T, S]), arena.tensor([N, T, S]), arena.tensor([N, T, S])];
    const [contexts, dqueries, dkeys] = [arena.tensor([N, T, H]), arena.tensor([N, T, A]), arena.tensor([N, S, A])];
    const [dvalues, dvector] = [arena.tensor([N, S, H]), arena.tensor([A])];
    const isDot = c.kind === "dot";

    if (isDot) kernels.dotScoresForward({ scores }, { queries, keys, lengths }, { N, T, S, A });
    else kernels.additiveScoresForward({ scores }, { queries, keys, vector, lengths }, { N, T, S, A });
    kernels.attendForward({ weights, contexts }, { scores, values, lengths }, { scale: 1, N, T, S, H });
    const outputs = { scores, weights, contexts };
    kernels.attendBackward({ dscores, dvalues }, { dcontexts, weights, values, lengths }, { scale: 1, N, T, S, H });
    if (isDot) kernels.dotScoresBackward({ dqueries, dkeys }, { dscores, queries, keys, lengths }, { N, T, S, A });
    else {
      const reads = { dscores, queries, keys, vector, lengths };
      kernels.additiveScoresBackward({ dqueries, dkeys, dvector }, reads, { N, T, S, A });
    }
    const gradients = { queries: dqueries, keys: dkeys, values: dvalues, vector: dvector };
    // Numbers up to 8, each a sum of a few products whose factors were rounded once or twice.
    const tolerance = { absolute: 4e-6, relative: 1e-6 };
    for (const [name, { data }] of Object.entries(outputs)) expectClose(name, data, c.outputs[name]?.data, tolerance);
    for (const [name, { data }] of Object.entries(gradients))
      expectClose(`gradient of ${name}`, data, c.gradients[name]?.data, tolerance);
  });
});

describe("the reference's gradients are the slopes of its results", () => {
  const [N, T, S, A] = [2, 3, 5, 4];

  /** Tensors to start from, of the reference. */
  function prepare() {
    const backend = openReference();
    const desk = new Desk(backend, 1);
    const draw = (...shape: number[]): Tensor => fill(desk, backend.arena.tensor(shape), 0.5);
    return { desk, draw, kernels: backend.kernels, lengths: desk.ints([N], [5, 2]) };
  }

  test.each(["dot", "additive"])("of %s scores", (kind) => {
    const { desk, draw, kernels, lengths } = prepare();
    const [queries, keys, vector, dscores] = [draw(N, T, A), draw(N, S, A), draw(A), draw(N, T, S)];
    const [scores, dqueries, dkeys] = [desk.poison([N, T, S]), desk.poison([N, T, A]), desk.poison([N, S, A])];
    const [dvector, sizes, reads] = [desk.filled([A], 0), { N, T, S, A }, { queries, keys, vector, lengths }];
    const loss = () => {
      if (kind === "dot") kernels.dotScoresForward({ scores }, reads, sizes);
      else kernels.additiveScoresForward({ scores }, reads, sizes);
      return dot(scores, dscores);
    };
    if (kind === "dot") kernels.dotScoresBackward({ dqueries, dkeys }, { dscores, ...reads }, sizes);
    else kernels.additiveScoresBackward({ dqueries, dkeys, dvector }, { dscores, ...reads }, sizes);
    expectSlopes("queries", loss, queries, dqueries.data);
    expectSlopes("keys", loss, keys, dkeys.data);
    if (kind === "additive") expectSlopes("vector", loss, vector, dvector.data);
  });

  test("of attend", () => {
    const { desk, draw, kernels, lengths } = prepare();
    const [scores, values, dcontexts] = [draw(N, T, S), draw(N, S, A), draw(N, T, A)];
    const [weights, contexts] = [desk.poison([N, T, S]), desk.poison([N, T, A])];
    const [dscores, dvalues] = [desk.poison([N, T, S]), desk.poison([N, S, A])];
    const sizes = { N, T, S, H: A };
    const loss = () => {
      kernels.attendForward({ weights, contexts }, { scores, values, lengths }, { scale: 1, ...sizes });
      return dot(contexts, dcontexts);
    };
    loss();
    kernels.attendBackward({ dscores, dvalues }, { dcontexts, weights, values, lengths }, { scale: 1, ...sizes });
    expectSlopes("scores", loss, scores, dscores.data);
    expectSlopes("values", loss, values, dvalues.data);
  });
});
