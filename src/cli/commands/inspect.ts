import type { Command } from "commander";
import * as z from "zod/mini";
import { isState } from "../../files/model-file.js";
import { readBytes } from "../../node/files.js";
import { CaptionPairs } from "../../tasks/captions/caption-codec.js";
import { type DescribedModel, readModel } from "../../tasks/model-kinds.js";
import { FixedPairs } from "../../tasks/pairs/text-codec.js";
import { FramePairs } from "../../tasks/sounds/frame-codec.js";
import { Characters } from "../../text/characters.js";
import { grouped } from "../output.js";
import { define } from "../session.js";
import { version } from "../version.js";

/** The characters of a tokenizer, or the number of its tokens. */
function describeTokenizer(tokenizer: DescribedModel["tokenizer"]): Record<string, unknown> {
  const known = tokenizer instanceof FixedPairs ? tokenizer.source : tokenizer;
  if (known instanceof Characters) return { characters: known.characters.join("") };
  if ("size" in known) return { words: grouped(known.size) };
  const target = { "target tokens": grouped(known.target.size) };
  if (known instanceof CaptionPairs) {
    const { height, width, network } = known.source.format;
    return {
      reads: `pictures of ${width} × ${height}`,
      ...(network && { features: `${network.output} of ${network.file}` }),
      ...target,
    };
  }
  if (!(known instanceof FramePairs)) return { "source tokens": grouped(known.source.size), ...target };
  const { isSound, width, stack } = known.source.frames;
  return { reads: isSound ? ".wav files" : `.npy matrices of ${width} columns`, "stacked frames": stack, ...target };
}

/** `seqloom inspect [model]` */
export function inspectCommand(program: Command): void {
  const command = program
    .command("inspect")
    .argument("[model]", "a model file; without it, this machine")
    .description("Show the contents of a model file, or the backend of this machine");
  define(command, z.object({}), async ({ output, open }, path = "") => {
    if (path === "") {
      const { name: backend, instructionSet, threads, precision } = await open();
      const machine = {
        version,
        backend,
        instructionSet,
        threads,
        precision,
        node: process.version,
        platform: `${process.platform}-${process.arch}`,
      };
      output.result({ kind: "machine", ...machine }, table(machine));
      return;
    }
    const file = readModel(path, readBytes(path, "a model file"));
    const tensors = [...file.tensors].map(([name, { shape }]) => ({ name, shape }));
    const weights = [...file.tensors].filter(([name]) => !isState(name));
    const parameters = weights.reduce((sum, [, { data }]) => sum + data.length, 0);
    const { config, tokenizer, training } = file;
    const report = {
      kind: "model",
      version: file.version,
      parameters,
      config,
      tokenizer,
      training: training ?? null,
      tensors,
    };
    const words = [
      table({ ...config, parameters: grouped(parameters), ...describeTokenizer(tokenizer) }),
      training &&
        `\n${table({ "trained on": training.data, seed: training.seed, epochs: training.epochs, steps: training.steps, ...training.scores })}`,
      `\n${table(Object.fromEntries(tensors.map(({ name, shape }) => [name, `(${shape.join(", ")})`])))}`,
    ];
    output.result(report, words.filter((part) => part !== undefined).join("\n"));
  });
}

function table(rows: Readonly<Record<string, unknown>>): string {
  const width = Math.max(...Object.keys(rows).map((label) => label.length));
  return Object.entries(rows)
    .map(([label, value]) => `${label.padEnd(width)}  ${value}`)
    .join("\n");
}
