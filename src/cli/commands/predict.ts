import { text } from "node:stream/consumers";
import type { Command } from "commander";
import * as z from "zod/mini";
import { predict } from "../../decode/predict.js";
import { DataError } from "../../errors.js";
import { loadSeq2Seq } from "../../node/files.js";
import { define } from "../session.js";

/** `seqloom predict <model> [text…]` */
export function predictCommand(program: Command): void {
  const command = program
    .command("predict")
    .argument("<model>", "a model file")
    .argument("[text...]", "what to answer; without it, the lines of standard input")
    .description("answer questions");
  define(command, z.object({}), async ({ output, open }, path = "", ...args) => {
    const given = args.flatMap((arg) => arg ?? []);
    const backend = await open();
    const { model, tokenizer } = loadSeq2Seq(path, backend);
    const inputs = given.length > 0 ? given : await readLines();
    for (const prediction of predict(backend, model, tokenizer, inputs))
      output.result({ kind: "prediction", ...prediction }, prediction.output);
  });
}

async function readLines(): Promise<string[]> {
  if (process.stdin.isTTY) throw new DataError("predict: expected texts as arguments or on standard input, got none.");
  const all = await text(process.stdin);
  return all === "" ? [] : all.replace(/\r?\n$/, "").split(/\r?\n/);
}
