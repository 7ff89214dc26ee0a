import { PairOptions, pairPresets, TextOptions, textPresets } from "seqloom";
import * as z from "zod/mini";
import type { FieldSchema, Form, FormKind } from "../messages.js";

/** The JSON schema of one option. */
const Property = z.looseObject({
  type: z.optional(z.catch(z.string(), "string")),
  description: z._default(z.string(), ""),
  enum: z._default(z.array(z.string()), []),
  minimum: z.optional(z.number()),
  exclusiveMinimum: z.optional(z.number()),
  maximum: z.optional(z.number()),
});

const types: Readonly<Record<string, FieldSchema["type"]>> = {
  integer: "integer",
  number: "number",
  boolean: "boolean",
};

function fieldsOf(schema: z.ZodMiniType): FieldSchema[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" });
  return Object.entries(properties).map(([name, value]) => {
    const { type = "string", description, enum: choices, maximum, ...least } = z.parse(Property, value);
    const above = least.exclusiveMinimum; // HTML number fields have no exclusive minimum
    const minimum = least.minimum ?? (above === undefined ? undefined : above + 1e-9);
    const isBounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
    return {
      ...{ name, description, choices, minimum },
      type: choices.length > 0 ? "choice" : (types[type] ?? "text"),
      ...(isBounded && { maximum }),
    };
  });
}

/** The seq2seq presets for text: the page reads no audio. */
const { listen: _, ...presets } = pairPresets;
const pairFields = fieldsOf(z.omit(PairOptions, { stackFrames: true, pyramidLayers: true })).map((field) =>
  field.name === "preset" ? { ...field, choices: field.choices.filter((name) => name in presets) } : field,
);

/** The page's forms, made from the same schemas as the command line's flags. */
export const forms: Readonly<Record<FormKind, Form>> = {
  pairs: { fields: pairFields, presets },
  text: { fields: fieldsOf(TextOptions), presets: textPresets },
};
