import type { FieldSchema, Options, RunRecord, TaskKind } from "../messages.js";

/** A configuration in the address: `#train?task=addition&digits=3&hiddenSize=128&reverse=true`. */
export interface Configuration {
  readonly task: TaskKind;
  readonly digits?: number | undefined;
  readonly count?: number | undefined;
  readonly options: Options;
}

/** The configuration of a run, without its data; undefined for an opened model. */
export function configurationOf(
  { task, settings }: RunRecord,
  fields: readonly FieldSchema[],
): Configuration | undefined {
  if (task.kind === "file") return undefined;
  const { kind, digits, count } = task;
  const given = fields.map(({ name }) => [name, settings[name]]).filter(([, value]) => value !== undefined);
  return { task: kind, digits, count, options: Object.fromEntries(given) };
}

const tasks: readonly TaskKind[] = ["addition", "dates", "text", "pairs"];

export function linkTo({ task, digits, count, options }: Configuration): string {
  const all = Object.entries({ task, digits, count, ...options }).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(all.map(([name, value]) => [name, String(value)]));
  return `${location.href.replace(/#.*$/, "")}#train?${query}`;
}

/** Reads the configuration in an address; unknown fields and invalid values are ignored. @param fieldsOf the fields of a task's form */
export function readLink(
  hash: string,
  fieldsOf: (task: TaskKind) => readonly FieldSchema[],
): Configuration | undefined {
  const query = new URLSearchParams(/\?(.*)$/.exec(hash)?.[1] ?? "");
  const task = tasks.find((kind) => kind === query.get("task"));
  if (!task) return undefined;
  const options = fieldsOf(task).flatMap((field) => {
    const value = readValue(field, query.get(field.name));
    return value === undefined ? [] : [[field.name, value]];
  });
  return {
    task,
    digits: whole(query.get("digits")),
    count: whole(query.get("count")),
    options: Object.fromEntries(options),
  };
}

function whole(text: string | null): number | undefined {
  const value = Number(text ?? Number.NaN);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}

function readValue({ type, choices }: FieldSchema, text: string | null): unknown {
  if (text === null || text === "") return undefined;
  switch (type) {
    case "boolean":
      return text === "true";
    case "choice":
      return choices.includes(text) ? text : undefined;
    case "text":
      return text;
    default:
      return Number.isFinite(Number(text)) ? Number(text) : undefined;
  }
}
