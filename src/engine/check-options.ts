import * as z from "zod/mini";
import { nearest, OptionError } from "./errors.js";

/**
 * Validates options against their schema and fills in the defaults.
 * @throws OptionError `Where: option: expected WHAT, got WHAT.` for the first invalid option
 */
export function checkOptions<S extends z.ZodMiniType>(where: string, schema: S, options: unknown): z.output<S> {
  const parsed = z.safeParse(schema, options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = issue?.path[0];
  const value = name === undefined ? options : read(options, name);
  const choices = issue?.code === "invalid_value" ? issue.values.map(String) : [];
  const near = nearest(String(value), choices);
  throw new OptionError(
    `${where}: ${name === undefined ? "" : `${String(name)}: `}expected ${describe(issue)}, got ${show(value)}.`,
    near && `did you mean ${near}?`,
  );
}

const read = (options: unknown, name: PropertyKey): unknown =>
  typeof options === "object" && options !== null ? Reflect.get(options, name) : undefined;

const nouns: Readonly<Record<string, string>> = { int: "an integer", object: "options", array: "an array" };

function describe(issue: z.core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case "invalid_type":
      return nouns[issue.expected] ?? `a ${issue.expected}`;
    case "too_small":
      return `${issue.inclusive === false ? "a number above" : "at least"} ${issue.minimum}`;
    case "too_big":
      return `${issue.inclusive === false ? "a number below" : "at most"} ${issue.maximum}`;
    case "invalid_value":
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(", ")}`;
    default:
      return ownWords(issue) ?? "another value";
  }
}

/** The message of a custom zod check, which says the expected value; undefined for the checks of zod itself. */
export function ownWords(issue: z.core.$ZodIssue | undefined): string | undefined {
  return issue?.code === "custom" || issue?.code === "invalid_format" ? issue.message : undefined;
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" && value !== null ? "another object" : String(value);
}

/** Groups of options, in the order in which a help text lists them. */
export const optionGroups = ["data", "model", "training", "decoding", "output", "machine"] as const;
export type OptionGroup = (typeof optionGroups)[number];

/**
 * Describes an option for help texts and forms, which add its range, its choices and its default from the schema.
 * @param sentence an imperative, with the unit and without a full stop
 * @param byDefault the behaviour if the option is not given, where the schema holds no default
 */
export function describeOption<T>(group: OptionGroup, sentence: string, byDefault?: string): z.core.$ZodCheck<T> {
  return z.meta<T>({ description: sentence, group, ...(byDefault !== undefined && { byDefault }) });
}

/** Names of a table, in its order, with their type. */
export function keysOf<Name extends string>(table: Record<Name, unknown>): Name[] {
  const isName = (key: string): key is Name => key in table;
  return Object.keys(table).filter(isName);
}
