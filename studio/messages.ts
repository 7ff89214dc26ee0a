/** The messages between the page and the worker that runs the library: plain data only. */

/** The message and hint of an error. */
export interface Problem {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** The training data of a run. */
export type TaskRequest =
  | { readonly kind: "addition"; readonly digits: number; readonly count?: number | undefined }
  | { readonly kind: "dates"; readonly count?: number | undefined }
  | { readonly kind: "text"; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: "pairs"; readonly name: string; readonly bytes: Uint8Array };
export type TaskKind = TaskRequest["kind"];

/** Unchecked options from the form: the worker validates them against their schema. */
export type Options = Readonly<Record<string, unknown>>;

/** One field of a form, derived from its schema. */
export interface FieldSchema {
  readonly name: string;
  readonly type: "integer" | "number" | "boolean" | "text" | "choice";
  readonly description: string;
  readonly choices: readonly string[];
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
}

/** The kinds of model that the page can train. */
export type FormKind = "pairs" | "text";
/** The kinds of model that the page can run: captioning models are opened from files. */
export type ModelKind = FormKind | "captions";

/** The form of a kind of model, and the options of its presets. */
export interface Form {
  readonly fields: readonly FieldSchema[];
  readonly presets: Readonly<Record<string, Options>>;
}

export interface Curve {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
}

export interface Evaluation {
  readonly epoch: number;
  readonly step: number;
  readonly loss: number;
  readonly perplexity: number;
  /** Share of predictions that equal their reference; pairs only. */
  readonly exactMatch?: number | undefined;
}

export interface Sample {
  readonly question: string;
  readonly reference: string;
  readonly prediction: string;
}

export type RunStatus = "preparing" | "training" | "paused" | "stopped" | "done" | "opened" | "failed";

/** Everything that the page shows of a run or an opened model. It survives a reload. */
export interface RunRecord {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly kind: ModelKind;
  readonly task: {
    readonly kind: TaskKind | "file";
    readonly name: string;
    readonly digits?: number | undefined;
    readonly count?: number | undefined;
  };
  readonly settings: Options;
  readonly config: Options;
  readonly status: RunStatus;
  readonly problem?: Problem | undefined;
  /** Notes about the data. */
  readonly notes: readonly string[];
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  /** Training time. */
  readonly seconds: number;
  readonly tokensPerSecond: number;
  readonly parameters: number;
  /** Mean loss by step. */
  readonly losses: Curve;
  readonly evaluations: readonly Evaluation[];
  /** The first test questions, with the model's current predictions. */
  readonly samples: readonly Sample[];
  /** The current sample of a language model, always from the same prompt. */
  readonly text: string;
  readonly hasModel: boolean;
  /** The input format of a captioning model. */
  readonly picture?: PictureSize | undefined;
}

/** The size that pictures are resized to, in pixels. */
export interface PictureSize {
  readonly height: number;
  readonly width: number;
  /** The file of the model's image network, which the page cannot run. */
  readonly network?: string | undefined;
}

export interface Prediction {
  readonly input: string;
  readonly output: string;
  /** Natural logarithm of its probability. */
  readonly score: number;
  /** The next best answers, if more than one was requested. */
  readonly others?: readonly Pick<Prediction, "output" | "score">[] | undefined;
  /** True if the allowed tokens left no way to continue. */
  readonly isCut?: true | undefined;
}

/** A caption of a picture. */
export interface Caption extends Omit<Prediction, "input"> {
  /** Attention weights, if the model has attention. */
  readonly looks?: Looks | undefined;
}

/** Attention weights of each generated token over the regions of a picture. */
export interface Looks {
  readonly rows: number;
  readonly columns: number;
  readonly words: readonly string[];
  /** One list for each token: the regions row by row, with a sum of 1. */
  readonly shares: readonly (readonly number[])[];
}

/** A generated example picture with a reference caption. */
export interface DrawnPicture {
  readonly file: Blob;
  readonly caption: string;
}

/** Decoding options: greedy by default. */
export interface AskOptions {
  /** Beam width. */
  readonly beam?: number | undefined;
  readonly nBest?: number | undefined;
  /** Any of these three turns on sampling. */
  readonly temperature?: number | undefined;
  readonly topK?: number | undefined;
  readonly topP?: number | undefined;
  /** Tokens that are never written, with commas between. */
  readonly suppress: string;
  readonly seed: number;
}

export interface WriteOptions {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly greedy: boolean;
  readonly temperature: number;
  readonly topK?: number | undefined;
  readonly topP?: number | undefined;
  /** Tokens that are never written, with commas between. */
  readonly suppress: string;
  readonly seed: number;
  /** Token ids that the person chose: the generated text begins with them. */
  readonly chosen?: readonly number[] | undefined;
}

/** A token and its probability at the requested temperature. */
export interface TokenChance {
  readonly id: number;
  readonly token: string;
  readonly probability: number;
}

/** A generated token and the most probable alternatives. */
export interface WrittenToken extends TokenChance {
  readonly text: string;
  readonly others: readonly TokenChance[];
}

/** A generated text, token by token. */
export interface Written {
  readonly begin: string;
  readonly tokens: readonly WrittenToken[];
}

/** Hidden states and attention weights of one greedy answer. */
export interface Inspection {
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** Weights of each target token over the source tokens; undefined without attention. */
  readonly attention: readonly (readonly number[])[] | undefined;
  /** Hidden state of the encoder's last layer at each source token, H numbers from −1 to 1. */
  readonly reading: readonly (readonly number[])[];
  /** The decoder's input tokens: the start token, then each previous output. */
  readonly given: readonly string[];
  /** Hidden state of the decoder's last layer after each of them. */
  readonly writing: readonly (readonly number[])[];
  /** The hidden units that encode each digit of a sum, from the ones up; undefined if the source is no sum. */
  readonly digits: readonly DigitCells[] | undefined;
}

/** The share of each unit's variance that one digit of the sum explains, in descending order. */
export interface DigitCells {
  /** 0 for the ones, 1 for the tens, … */
  readonly place: number;
  readonly cells: readonly DigitCell[];
}

export interface DigitCell {
  readonly cell: number;
  /** Share of the unit's variance over many sums, from 0 to 1. */
  readonly share: number;
}

export type Action = "pause" | "resume" | "step" | "stop";

/** The worker's calls with their parameters and results. */
export interface Calls {
  /** @returns the run's id */
  start: { params: { task: TaskRequest; options: Options; name: string }; result: string };
  act: { params: { run: string; action: Action }; result: undefined };
  ask: { params: { run: string; texts: readonly string[]; options: AskOptions }; result: readonly Prediction[] };
  caption: { params: { run: string; name: string; file: Blob; options: AskOptions }; result: Caption };
  /** Draws an example; each number gives a different one. */
  draw: { params: { number: number; side: number }; result: DrawnPicture };
  write: { params: { run: string; options: WriteOptions }; result: Written };
  inspect: { params: { run: string; text: string }; result: Inspection };
  /** The bytes of a model file. */
  save: { params: { run: string }; result: Uint8Array };
  /** @returns the id of the opened model */
  open: { params: { name: string; bytes: Uint8Array }; result: string };
  forget: { params: { run: string }; result: undefined };
  /** Suggests a few short continuations of a text, the most probable first. */
  suggest: { params: { run: string; text: string }; result: readonly string[] };
}
export type CallName = keyof Calls;

export type Call<Name extends CallName = CallName> = {
  [N in Name]: { readonly name: N; readonly params: Calls[N]["params"] };
}[Name];

export type Reply<Name extends CallName> =
  | { readonly ok: true; readonly result: Calls[Name]["result"] }
  | { readonly ok: false; readonly problem: Problem };

/** The events that the worker sends on its own. */
export type WorkerEvent =
  | { readonly kind: "forms"; readonly forms: Readonly<Record<FormKind, Form>> }
  | { readonly kind: "ready"; readonly threads: number }
  | { readonly kind: "broken"; readonly problem: Problem }
  | { readonly kind: "run"; readonly run: RunRecord }
  | { readonly kind: "forgotten"; readonly run: string };
