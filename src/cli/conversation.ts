import * as z from "zod/mini";
import { DecodeOptions } from "../decode/decode-options.js";
import type { Prediction } from "../decode/predict.js";
import { describeOption } from "../engine/check-options.js";
import { nearest, OptionError } from "../engine/errors.js";
import type { Answerer } from "./answering.js";
import { parseOptions } from "./options.js";

/** Options for the part of a conversation that the model sees. */
export const ChatOptions = z.object({
  history: z._default(
    z
      .int()
      .check(
        z.minimum(0),
        z.maximum(1000),
        describeOption("data", "Prepend this many earlier lines of both speakers to each new one"),
      ),
    0,
  ),
  separator: z._default(z.string().check(describeOption("data", "Join these lines with this text")), " "),
});
export type ChatOptions = z.infer<typeof ChatOptions>;

/** A command within a conversation. `run` returns its message. */
interface ChatCommand {
  readonly usage: string;
  readonly meaning: string;
  run(conversation: Conversation, argument: string): string;
}

const Temperature = z.pick(DecodeOptions, { temperature: true });
const Beam = z.pick(DecodeOptions, { beam: true });

const commands: Readonly<Record<string, ChatCommand>> = {
  "/reset": {
    usage: "/reset",
    meaning: "forget the conversation (with --history)",
    run(conversation) {
      conversation.forget();
      return "history cleared";
    },
  },
  "/temperature": {
    usage: "/temperature 0.8",
    meaning: "sample at this temperature; 0 always takes the most probable token",
    run({ answerer }, argument) {
      const isGreedy = Number(argument) === 0 && argument !== "";
      const { temperature } = isGreedy ? {} : parseOptions(Temperature, { temperature: argument });
      const { temperature: _, topK, topP, ...rest } = answerer.options;
      answerer.options = { ...rest, beam: 1, ...(!isGreedy && { topK, topP, temperature }) };
      return isGreedy ? "always the most probable token" : `temperature ${temperature}`;
    },
  },
  "/beam": {
    usage: "/beam 5",
    meaning: "search with this beam size; 1 is greedy search",
    run({ answerer }, argument) {
      const { beam } = parseOptions(Beam, { beam: argument });
      const { temperature: _, topK: __, topP: ___, ...rest } = answerer.options;
      answerer.options = { ...rest, beam };
      return `beam ${beam}`;
    },
  },
  "/help": { usage: "/help", meaning: "show this list", run: () => Conversation.help },
  "/quit": { usage: "/quit", meaning: "end the conversation, like Ctrl-D", run: (conversation) => conversation.end() },
};

/** A conversation with a model, line by line. */
export class Conversation {
  static readonly help = Object.values(commands)
    .map(({ usage, meaning }) => `  ${usage.padEnd(17)} ${meaning}`)
    .join("\n");

  readonly answerer: Answerer;
  isOver = false;
  readonly #options: ChatOptions;
  #said: readonly string[] = [];

  constructor(answerer: Answerer, options: ChatOptions) {
    this.answerer = answerer;
    this.#options = options;
  }

  /** Answers a line, or runs the command in it. @throws SeqloomError for a line that is neither */
  async hear(line: string): Promise<Prediction | string> {
    const [, name = "", argument = ""] = /^(\/\S+)\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== "") return commandOf(name).run(this, argument);
    const input = [...this.#said, line].join(this.#options.separator);
    const [answer] = await this.answerer.answer([input]);
    if (!answer) throw new Error("Conversation.hear: expected an answer.");
    const { history } = this.#options;
    this.#said = history === 0 ? [] : [...this.#said, line, answer.output].slice(-history);
    return answer;
  }

  forget(): void {
    this.#said = [];
  }

  end(): string {
    this.isOver = true;
    return "";
  }
}

function commandOf(name: string): ChatCommand {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return command;
  const near = nearest(name, Object.keys(commands));
  throw new OptionError(
    `chat: expected one of ${Object.keys(commands).join(", ")}, got "${name}".`,
    near ? `did you mean ${near}?` : "lines for the model must not start with a slash",
  );
}
