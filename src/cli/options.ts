import { type Command, Option } from "commander";
import * as z from "zod/mini";
import { backendNames, precisions } from "../engine/backend/backend.js";
import { describeOption, optionGroups, ownWords } from "../engine/check-options.js";
import { nearest, OptionError, type SeqloomError } from "../engine/errors.js";
import { groupHeadings, mostUsed, pathOf } from "./help.js";

/** Options of every command. */
export const CommonOptions = z.object({
  backend: z.optional(
    z
      .enum(backendNames)
      .check(describeOption("machine", "Compute with this backend", "native, or wasm without the addon")),
  ),
  threads: z.optional(
    z
      .int()
      .check(z.minimum(1), z.maximum(1024), describeOption("machine", "Limit the number of threads", "one per core")),
  ),
  precision: z.optional(
    z
      .enum(precisions)
      .check(
        describeOption("machine", "Compute matrix products in this precision; int8 is for inference only", "float32"),
      ),
  ),
  json: z._default(z.boolean().check(describeOption("output", "Print JSON only, one object per line")), false),
  quiet: z._default(z.boolean().check(describeOption("output", "Print no progress and no messages")), false),
  debug: z._default(z.boolean().check(describeOption("machine", "Print the stack trace of an error")), false),
});
export type CommonOptions = z.infer<typeof CommonOptions>;

/** Description of an option by its schema. */
const Property = z.looseObject({
  type: z.optional(z.catch(z.string(), "text")), // a union of types: the argument is passed on as text
  description: z.optional(z.string()),
  group: z.optional(z.enum(optionGroups)),
  byDefault: z.optional(z.string()),
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

/** A boolean that a preset may have set: `--no-…` takes it back. */
const isSwitch = ({ type, default: value }: Property): boolean => type === "boolean" && value === undefined;
const noFlagOf = (name: string): string => flagOf(name).replace("--", "--no-");

/** Short flags, by option. */
const shortFlags: Readonly<Record<string, string>> = { learningRate: "--lr", numSamples: "-n" };

/** Characters of a flag with its choices; longer lists are written in the description. */
const WIDEST = 34;

/** Adds a flag for each field of a schema to a command, in the order of the help text. */
export function addOptions(command: Command, ...schemas: Schema<unknown>[]): Command {
  const first = mostUsed[pathOf(command)] ?? [];
  const rank = (name: string, { group }: Property): number =>
    first.includes(name) ? first.indexOf(name) - first.length : group ? optionGroups.indexOf(group) : 0;
  const sorted = schemas.flatMap(properties).sort(([a, one], [b, other]) => rank(a, one) - rank(b, other));
  for (const [name, property] of sorted) {
    const { type, description = "", enum: choices, group } = property;
    const long = flagOf(name);
    const listed = `${long} <${choices?.join("|") ?? type ?? "text"}>`;
    const isListed = listed.length <= WIDEST;
    const argument = type === "boolean" ? long : isListed ? listed : `${long} <name>`;
    const short = shortFlags[name];
    const flag = short === undefined ? argument : `${short}, ${argument}`;
    const option = new Option(flag, `${description}${noteOn(name, property, isListed)}`);
    const heading = first.includes(name) ? "Most used:" : group && groupHeadings[group];
    if (heading) option.helpGroup(heading);
    option.negate = false; // --no-repeat-ngram 3 takes nothing back, whatever its name
    command.addOption(option);
    if (isSwitch(property)) command.addOption(new Option(noFlagOf(name)).hideHelp());
  }
  return command;
}

/** Range, choices and default of an option in parentheses: ` (1 to 16; default: preset)`. */
function noteOn(name: string, property: Property, isListed: boolean): string {
  const { enum: choices, default: value, byDefault } = property;
  const parts = [
    choices ? !isListed && `one of ${choices.join(", ")}` : rangeOf(property),
    isSwitch(property) && `off: ${noFlagOf(name)}`,
    value === undefined || value === false || value === ""
      ? byDefault && `default: ${byDefault}`
      : `default: ${shown(value)}`,
  ].filter((part) => typeof part === "string" && part !== "");
  return parts.length > 0 ? ` (${parts.join("; ")})` : "";
}

const shown = (value: string | number | boolean): string => (value === " " ? "a blank" : String(value));

/** The range of a number as a help text writes it; undefined where any is allowed. */
function rangeOf({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Property): string | undefined {
  if (type !== "integer" && type !== "number") return undefined;
  const most = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (exclusiveMinimum !== undefined)
    return `above ${exclusiveMinimum}${most === undefined ? "" : `, at most ${most}`}`;
  if (minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER)
    return most === undefined ? undefined : `at most ${most}`;
  if (exclusiveMaximum !== undefined) return `at least ${minimum}, below ${exclusiveMaximum}`;
  return most === undefined ? `at least ${minimum}` : `${minimum} to ${most}`;
}

/** Checks the flags of a command line against a schema. @throws OptionError naming the option, its range and what came */
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
