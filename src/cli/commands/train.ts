import type { Command } from "commander";
import { trainCaptionsCommand } from "./train-captions.js";
import { trainLanguageModelCommand } from "./train-lm.js";
import { trainSeq2SeqCommand } from "./train-seq2seq.js";

/** `seqloom train` */
export function trainCommand(program: Command): void {
  const train = program.command("train").description("Train a model");
  trainSeq2SeqCommand(train);
  trainLanguageModelCommand(train);
  trainCaptionsCommand(train);
}
