import { type Command, Option } from "commander";
import * as z from "zod/mini";
import { backendNames, precisions } from "../engine/backend/backend.js";
import { ownWords } from "../engine/check-options.js";
import { nearest, OptionError, type SeqloomError } from "../engine/errors.js";

/** Options of every command. */
export const CommonOptions = z.object({
  backend: z.optional(
    z.enum(backendNames).check(z.describe("backend (default: native, or wasm on platforms without an addon)")),
  ),
  threads: z.optional(
    z.int().check(z.minimum(1), z.maximum(1024), z.describe("number of threads (default: one per core)")),
  ),
  precision: z.optional(
    z.enum(precisions).check(z.describe("precision of matrix products; int8 for inference only (default: float32)")),
  ),
  json: z._default(
    z.boolean().check(z.describe("print one JSON object per line on standard output, nothing else")),
    false,
  ),
  quiet: z._default(z.boolean().check(z.describe("print no progress and no messages")), false),
  debug: z._default(z.boolean().check(z.describe("print the stack trace of an error")), false),
});
export type CommonOptions = z.infer<typeof CommonOptions>;

/** The JSON schema of one option. */
const Property = z.looseObject({
  type: z.optional(z.catch(z.string(), "text")), // a union of types: the argument is passed on as text
  description: z.optional(z.string()),
  default: z.optional(z.union([z.string(), z.number(), z.boolean()])),
  enum: z.optional(z.array(z.string())),
  minimum: z.optional(z.number()),
  maximum: z.optional(z.number()),
  exclusiveMinimum: z.optional(z.number()),
  exclusiveMaximum: z.optional(z.number()),
});
type Property = z.infer<typeof Property>;

type Schema<T> = z.ZodMiniType<T>;

function properties(schema: Schema<unknown>): [name: string, property: Property][] {
  const json = z.toJSONSchema(schema, { io: "input" });
  return Object.entries(json.properties ?? {}).map(([name, property]) => [name, z.parse(Property, property)]);
}

/** The option names of some schemas. */
export function optionNames(...schemas: Schema<unknown>[]): ReadonlySet<string> {
  return new Set(schemas.flatMap(properties).map(([name]) => name));
}

/** The flag of an option: `nBest` is `--n-best`. */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Renders option names in a library text as flags: compound names such as `topK` anywhere, single words in backticks. */
export function withFlags(text: string, names: ReadonlySet<string>): string {
  return text.replace(/`(\w+)`|\b[a-z]+[A-Z]\w*/g, (word, quoted: string = word) =>
    names.has(quoted) ? flagOf(quoted) : word,
  );
}

/**
 * Renders the option names in a library error as flags: `search: topK: expected …` becomes `--top-k: expected …`.
 * @param names the command's options
 */
export function errorWithFlags(error: SeqloomError, names: ReadonlySet<string>): SeqloomError {
  const [head = "", where = ""] =
    (error instanceof OptionError && /^(?:[\w.]+: )?([\w ]+)(?=: expected)/.exec(error.message)) || [];
  const flags = where.replace(/\w+/g, (word) => (names.has(word) ? flagOf(word) : word));
  const message = flags === where ? error.message : flags + error.message.slice(head.length);
  return Object.assign(error, {
    message: withFlags(message, names),
    hint: error.hint && withFlags(error.hint, names),
  });
}

/** Maximum width of a list of choices beside its flag; longer lists go into the description. */
const WIDEST = 32;

/** True for a boolean that a preset may turn on: `--no-…` turns it off. */
const isSwitch = ({ type, default: value }: Property): boolean => type === "boolean" && value === undefined;
const noFlagOf = (name: string): string => flagOf(name).replace("--", "--no-");

/** Short flags, by option. */
const shortFlags: Readonly<Record<string, string>> = { learningRate: "--lr", numSamples: "-n" };

/** Adds a flag for each field of a schema, with the schema's name, description, choices and default. */
export function addOptions(command: Command, ...schemas: Schema<unknown>[]): Command {
  for (const [name, { type, description = "", default: value, enum: choices }] of schemas.flatMap(properties)) {
    const list = choices?.join("|") ?? "";
    const argument = list.length > WIDEST ? "name" : list || (type ?? "text");
    const long = type === "boolean" ? flagOf(name) : `${flagOf(name)} <${argument}>`;
    const short = shortFlags[name];
    const flag = short === undefined ? long : `${short}, ${long}`;
    const names = argument === "name" && choices ? `: ${choices.join(", ")}` : "";
    const note = names + (value === undefined || value === false ? "" : ` (default: ${value})`);
    const option = new Option(flag, description + note);
    option.negate = false; // --no-repeat-ngram is not the negation of a flag
    command.addOption(option);
    if (isSwitch({ type, default: value })) command.addOption(new Option(noFlagOf(name)).hideHelp());
  }
  return command;
}

/** Validates flags against a schema. @throws OptionError with the option, its range and the value */
export function parseOptions<T>(schema: Schema<T>, given: Readonly<Record<string, unknown>>): T {
  const known = properties(schema);
  const raw: Record<string, unknown> = {};
  for (const [name, { type }] of known) {
    const value = given[name];
    if (value === undefined) continue;
    const isNumber = (type === "integer" || type === "number") && typeof value === "string" && value.trim() !== "";
    raw[name] = isNumber ? Number(value) : value;
  }
  const parsed = z.safeParse(schema, raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? "");
  const property = known.find(([id]) => id === name)?.[1];
  const near = nearest(String(given[name]), property?.enum ?? []);
  const expected = ownWords(issue) ?? (property ? describeRange(property) : "another value");
  throw new OptionError(
    `${flagOf(name)}: expected ${expected}, got "${given[name]}".`,
    near && `did you mean ${near}?`,
  );
}

/** The command line that repeats the work, without options at their defaults and without output options. */
export function formatCommand(
  words: readonly string[],
  schema: Schema<unknown>,
  options: Readonly<Record<string, unknown>>,
  { backend, threads, precision }: CommonOptions,
): string {
  const values: Record<string, unknown> = { ...options, backend, threads, precision };
  const flags = [...properties(schema), ...properties(CommonOptions)]
    .filter(([name, { default: value }]) => values[name] !== undefined && values[name] !== value)
    .flatMap(([name, property]) => {
      const value = values[name];
      if (value === false) return isSwitch(property) ? [noFlagOf(name)] : [];
      return value === true ? [flagOf(name)] : [flagOf(name), String(value)];
    });
  return ["seqloom", ...words, ...flags].map(quoteArgument).join(" ");
}

/** Quotes an argument for a shell. */
export function quoteArgument(word: string): string {
  return /^[\w./:=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function describeRange({ type, enum: choices, ...range }: Property): string {
  if (choices) return `one of ${choices.join(", ")}`;
  const noun = type === "integer" ? "an integer" : type === "number" ? "a number" : `a ${type}`;
  const [least, most] = [range.minimum, range.maximum];
  const isOpen = most === undefined || most >= Number.MAX_SAFE_INTEGER;
  if (range.exclusiveMinimum !== undefined)
    return `${noun} above ${range.exclusiveMinimum}${isOpen ? "" : ` and at most ${most}`}`;
  if (range.exclusiveMaximum !== undefined) return `${noun} of at least ${least} and below ${range.exclusiveMaximum}`;
  if (least === undefined) return noun;
  return isOpen ? `${noun} of at least ${least}` : `${noun} from ${least} to ${most}`;
}
