import { PairOptions, pairPresets, TextOptions, textPresets } from "seqloom";
import * as z from "zod/mini";
import type { FieldSchema, Form, FormKind } from "../messages.js";

/** One option as its schema describes it. */
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
    const above = least.exclusiveMinimum; // a form knows no number that is just not allowed
    const minimum = least.minimum ?? (above === undefined ? undefined : above + 1e-9);
    const isBounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
    return {
      ...{ name, description, choices, minimum },
      type: choices.length > 0 ? "choice" : (types[type] ?? "text"),
      ...(isBounded && { maximum }),
    };
  });
}

/** Of the seq2seq models, those of texts: the page reads no sounds. */
const { listen: _, ...presets } = pairPresets;
const pairFields = fieldsOf(z.omit(PairOptions, { stackFrames: true, pyramidLayers: true })).map((field) =>
  field.name === "preset" ? { ...field, choices: field.choices.filter((name) => name in presets) } : field,
);

/** The forms of the page, from the schemas that the command line's flags are made from. */
export const forms: Readonly<Record<FormKind, Form>> = {
  pairs: { fields: pairFields, presets },
  text: { fields: fieldsOf(TextOptions), presets: textPresets },
};
