import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import * as z from "zod/mini";
import { SeqloomError } from "../../engine/errors.js";
import { loadSeq2Seq } from "../../node/model-files.js";
import { Answerer, AnswerFlags, answerOptions, oneLine } from "../answering.js";
import { ChatOptions, Conversation } from "../conversation.js";
import { lineBatches } from "../line-batches.js";
import type { Output } from "../output.js";
import { define, InterruptedError } from "../session.js";

const Options = z.extend(z.omit(AnswerFlags, { nBest: true }), ChatOptions.shape);

/** `seqloom chat <model>` */
export function chatCommand(program: Command): void {
  const command = program
    .command("chat")
    .argument("<model>", "a seq2seq model")
    .description("Chat with a seq2seq model, line by line")
    .addHelpText("after", `\nIn the conversation:\n${Conversation.help}`);
  define(command, Options, async ({ options, output, open }, path = "") => {
    const { history, separator, ...flags } = options;
    const backend = await open();
    const saved = loadSeq2Seq(path, backend);
    const answerer = new Answerer(backend, saved, answerOptions({ ...flags, nBest: 1 }, saved, output), output);
    const conversation = new Conversation(answerer, { history, separator });
    const isTyped = process.stdin.isTTY;
    if (isTyped) output.message("Say something. /help lists the commands, /quit ends.");
    for await (const line of isTyped ? typedLines(output) : givenLines()) {
      try {
        const reply = await conversation.hear(line);
        if (conversation.isOver) return;
        if (typeof reply === "string") output.message(reply);
        else output.result({ kind: "prediction", ...reply }, isTyped ? reply.output : oneLine(reply.output));
      } catch (error) {
        if (!(error instanceof SeqloomError)) throw error;
        output.error(error);
      }
      await output.written();
    }
  });
}

/** The lines that are typed after a prompt each, empty ones left out. @throws InterruptedError after Ctrl-C */
async function* typedLines(output: Output): AsyncGenerator<string, void> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  let isInterrupted = false;
  lines.on("SIGINT", () => {
    isInterrupted = true;
    lines.close();
  });
  try {
    lines.prompt();
    for await (const line of lines) {
      if (line.trim() !== "") yield line;
      lines.prompt();
    }
  } finally {
    lines.close();
  }
  output.message(""); // after Ctrl-C or Ctrl-D, further output starts on a new line
  if (isInterrupted) throw new InterruptedError("the conversation was interrupted.");
}

async function* givenLines(): AsyncGenerator<string, void> {
  for await (const lines of lineBatches(process.stdin)) yield* lines;
}
