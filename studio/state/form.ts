import { batch, computed, effect, signal, untracked } from "@preact/signals";
import type { FieldSchema, FormKind, Options, TaskKind, TaskRequest } from "../messages.js";
import { readLink } from "./link.js";
import { forms } from "./store.js";

/** A task's initial options, and the fields that are visible at first. */
interface TaskForm {
  readonly kind: FormKind;
  /** The preset that the worker uses by default. */
  readonly preset: string;
  readonly presets?: readonly string[];
  readonly options: Options;
  readonly first: readonly string[];
  /** Fields that the task decides. */
  readonly hidden: readonly string[];
}

const cutting = "tokenizer targetTokenizer vocabSize lowercase punctuation shareVocab maxTrainLength".split(" ");
const pairsFirst = ["preset", "reverse", "hiddenSize", "epochs", "learningRate", "seed"];

export const taskForms: Readonly<Record<TaskKind, TaskForm>> = {
  addition: {
    ...{ kind: "pairs", preset: "plain", presets: ["plain", "peeky", "attention"], first: pairsFirst, hidden: cutting },
    options: { preset: "peeky", reverse: true, epochs: 10, learningRate: 0.004, lrSchedule: "cosine" },
  },
  dates: {
    ...{ kind: "pairs", preset: "plain", presets: ["dates", "plain", "peeky", "attention"] },
    ...{ options: { preset: "dates" }, first: pairsFirst, hidden: cutting },
  },
  text: {
    ...{ kind: "text", preset: "characters", hidden: [] },
    options: { preset: "characters", tokenizer: "characters", layers: 1, hiddenSize: 128 },
    first: ["tokenizer", "hiddenSize", "layers", "epochs", "learningRate", "seed"],
  },
  pairs: {
    ...{ kind: "pairs", preset: "text", options: {}, hidden: [] },
    first: ["preset", "decoder", "hiddenSize", "epochs", "seed"],
  },
};

/** The group of each field among the further options; the default group is training. */
const groups: Readonly<Record<string, "model" | "text">> = {
  ...Object.fromEntries(cutting.map((name) => [name, "text" as const])),
  ...Object.fromEntries(
    "decoder attentionScore attentionalHidden inputFeeding tieWeights cell layers bidirectional reverse initCell hiddenSize embeddingSize dropout init"
      .split(" ")
      .map((name) => [name, "model" as const]),
  ),
};

export function groupOf(field: FieldSchema): "model" | "text" | "training" {
  return groups[field.name] ?? "training";
}

export const taskKind = signal<TaskKind>("addition");
export const digits = signal(3);
export const count = signal<number | undefined>(undefined);
interface DroppedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The pasted text and the dropped file of each task. */
export const pasted = signal<Readonly<Record<"text" | "pairs", string>>>({ text: "", pairs: "" });
export const dropped = signal<{ readonly [kind in "text" | "pairs"]?: DroppedFile | undefined }>({});

/** The options that were changed in each task's form. */
const changes = signal<Readonly<Record<TaskKind, Options>>>({
  addition: taskForms.addition.options,
  dates: taskForms.dates.options,
  text: taskForms.text.options,
  pairs: taskForms.pairs.options,
});

export const options = computed(() => changes.value[taskKind.value]);

/** @param value undefined to return to the preset's value */
export function change(name: string, value: unknown): void {
  const { [name]: _, ...others } = options.value;
  const next = value === undefined ? others : { ...others, [name]: value };
  changes.value = { ...changes.value, [taskKind.value]: next };
}

/** The preset's options, which apply to every field that was not changed. */
export const preset = computed<Options>(() => {
  const form = taskForms[taskKind.value];
  const name = String(options.value["preset"] ?? form.preset);
  return { seed: 1, ...forms.value?.[form.kind].presets[name] };
});

/** All fields of a task's form. */
export function fieldsOf(task: TaskKind): FieldSchema[] {
  const form = taskForms[task];
  return (forms.value?.[form.kind].fields ?? [])
    .filter(({ name }) => !form.hidden.includes(name))
    .map((field) => (field.name === "preset" && form.presets ? { ...field, choices: form.presets } : field));
}

/** The fields that are visible at first, in order, and the others. */
export const fields = computed<{ first: FieldSchema[]; more: FieldSchema[] }>(() => {
  const form = taskForms[taskKind.value];
  const all = fieldsOf(taskKind.value);
  const first = form.first.flatMap((name) => all.filter((field) => field.name === name));
  return { first, more: all.filter((field) => !first.includes(field)) };
});

/** The task for the worker; undefined without training data. */
export function makeTask(): TaskRequest | undefined {
  const kind = taskKind.value;
  if (kind === "addition") return { kind, digits: digits.value, count: count.value };
  if (kind === "dates") return { kind, count: count.value };
  const file = dropped.value[kind];
  if (file) return { kind, ...file };
  const text = pasted.value[kind];
  return text.trim() === "" ? undefined : { kind, name: kind, bytes: new TextEncoder().encode(text) };
}

/** A name that distinguishes runs: addition · peeky, reversed. @param given the run's options, as in the form */
export function nameRun(task: TaskRequest, given: Options = { ...preset.value, ...options.value }): string {
  const model = String(given["preset"] ?? (task.kind === "text" ? given["tokenizer"] : taskForms[task.kind].preset));
  const what = "name" in task ? task.name.replace(/\.[^.]*$/, "") : task.kind;
  return `${what} · ${model}${given["reverse"] ? ", reversed" : ""}`;
}

/** Fills in the form from the link in the address, without starting anything. */
function takeLink(): void {
  const asked = readLink(location.hash, fieldsOf);
  if (!asked) return;
  batch(() => {
    taskKind.value = asked.task;
    digits.value = asked.digits ?? digits.value;
    count.value = asked.count;
    changes.value = { ...changes.value, [asked.task]: asked.options };
  });
}

addEventListener("hashchange", takeLink);
effect(() => {
  if (forms.value) untracked(takeLink); // the fields are known only now
});
