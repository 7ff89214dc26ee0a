import { expect, test } from "vitest";
import { predictSources } from "../../../src/decode/predict.js";
import { Workspace } from "../../../src/engine/backend/arena.js";
import { Seq2Seq } from "../../../src/models/seq2seq.js";
import { FramePairs } from "../../../src/tasks/sounds/frame-codec.js";
import { FrameFormat, Frames } from "../../../src/tasks/sounds/frames.js";
import { Characters } from "../../../src/text/characters.js";
import { describeBackends } from "../../helpers/backends.js";

const row = (T: number, seed: number) => Float32Array.from({ length: 3 * T }, (_, i) => Math.sin(seed + 1.7 * i));
const frames = new Frames(3, [row(5, 1), row(2, 2), row(9, 3), row(2, 4)]);

test("frames know their rows", () => {
  expect([frames.count, frames.steps, frames.length(0), frames.length(2)]).toEqual([4, 18, 5, 9]);
  expect(frames.row(1)).toEqual(row(2, 2));
  const moved = new Frames(3, [row(9, 1).subarray(0, 6), row(9, 1).subarray(6)]);
  const other = new Frames(3, [row(9, 1).subarray(0, 9), row(9, 1).subarray(9)]);
  const bytes = ({ arrays }: Frames) => arrays.flatMap((array) => [...array]).join();
  expect(bytes(moved)).not.toBe(bytes(other)); // the same numbers, divided otherwise
});

describeBackends((backend) => {
  test("are packed with zeros behind them, and their lengths where they differ", () => {
    const workspace = new Workspace(backend().arena);
    frames.pack(workspace, "source", [2]).values.data.fill(7); // what a batch before has left
    const { values, lengths } = frames.pack(workspace, "source", [1, 0]);
    expect(values.shape).toEqual([2, 5, 3]);
    expect([...values.data]).toEqual([...row(2, 2), ...Array(9).fill(0), ...row(5, 1)]);
    expect([...(lengths?.data ?? [])]).toEqual([2, 5]);
    expect(frames.pack(workspace, "source", [1, 3]).lengths).toBeUndefined();
  });

  test("give the same answer, to the bit, whatever they are packed with", () => {
    const targets = new Characters([..."abcdefg"]);
    const format = new FrameFormat({ isSound: false, stack: 1, mean: [0, 0, 0], deviation: [1, 1, 1] });
    const tokenizer = new FramePairs(format, targets, { source: 9, target: 6 });
    const shape = {
      decoder: "attention",
      bidirectional: true,
      layers: 3,
      pyramidLayers: 2,
      hiddenSize: 8,
      attentionalHidden: true,
    } as const;
    const model = Seq2Seq.for(backend(), { tokenizer }, shape).initialize(5, "glorot");
    const answer = (rows: readonly number[]) =>
      predictSources(backend(), model, tokenizer, {
        inputs: rows.map(String),
        sources: new Frames(
          3,
          rows.map((r) => frames.row(r)),
        ),
      });
    const together = answer([0, 1, 2, 3]);
    expect(together).toEqual([0, 1, 2, 3].flatMap((r) => answer([r])));
    expect(new Set(together.map(({ score }) => score)).size).toBe(4);
  });
});
