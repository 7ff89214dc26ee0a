/** What goes between the page and the worker in which the library runs: plain data, nothing else. */

/** What went wrong, in the words of the library's errors. */
export interface Problem {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What is to be learned. */
export type TaskRequest =
  | { readonly kind: "addition"; readonly digits: number; readonly count?: number | undefined }
  | { readonly kind: "dates"; readonly count?: number | undefined }
  | { readonly kind: "text"; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: "pairs"; readonly name: string; readonly bytes: Uint8Array };
export type TaskKind = TaskRequest["kind"];

/** Options as the form gives them: the worker checks them against their schema. */
export type Options = Readonly<Record<string, unknown>>;

/** One field of a form, as its schema describes it. */
export interface FieldSchema {
  readonly name: string;
  readonly type: "integer" | "number" | "boolean" | "text" | "choice";
  readonly description: string;
  readonly choices: readonly string[];
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
}

/** The kinds of model that are trained here. */
export type FormKind = "pairs" | "text";
/** Those that are asked here, too: one that describes pictures is only opened. */
export type ModelKind = FormKind | "captions";

/** The form of a kind of model, and what its presets say. */
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
  /** Share of answers that are right, for pairs. */
  readonly exactMatch?: number | undefined;
}

export interface Sample {
  readonly question: string;
  readonly reference: string;
  readonly prediction: string;
}

export type RunStatus = "preparing" | "training" | "paused" | "stopped" | "done" | "opened" | "failed";

/** A run, or a model that was opened: all that the page shows of it. It is what is kept across a reload. */
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
  /** What there is to say about the data. */
  readonly notes: readonly string[];
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  /** Of training. */
  readonly seconds: number;
  readonly tokensPerSecond: number;
  readonly parameters: number;
  /** Mean loss by step. */
  readonly losses: Curve;
  readonly evaluations: readonly Evaluation[];
  /** The first questions of the test, with what the model says now. */
  readonly samples: readonly Sample[];
  /** What a language model writes now, from the same beginning. */
  readonly text: string;
  readonly hasModel: boolean;
  /** What a model that describes pictures makes of them. */
  readonly picture?: PictureSize | undefined;
}

/** The size that pictures are brought to, in pixels. */
export interface PictureSize {
  readonly height: number;
  readonly width: number;
  /** The file of the image network that the model sees through: such a network cannot be run here. */
  readonly network?: string | undefined;
}

export interface Prediction {
  readonly input: string;
  readonly output: string;
  /** Natural logarithm of its probability. */
  readonly score: number;
  /** The next best, where more than one was asked for. */
  readonly others?: readonly Pick<Prediction, "output" | "score">[] | undefined;
  /** True where what may be written left nothing to go on with. */
  readonly isCut?: true | undefined;
}

/** A description of a picture. */
export interface Caption extends Omit<Prediction, "input"> {
  /** Where the model looked, where it has attention. */
  readonly looks?: Looks | undefined;
}

/** How much a model looked at each place of a picture when it wrote each token. */
export interface Looks {
  readonly rows: number;
  readonly columns: number;
  readonly words: readonly string[];
  /** For each token the places row by row; they add up to 1. */
  readonly shares: readonly (readonly number[])[];
}

/** A picture that was drawn as an example, with a true caption. */
export interface DrawnPicture {
  readonly file: Blob;
  readonly caption: string;
}

/** How answers are found: greedily where nothing is said. */
export interface AskOptions {
  /** Unfinished answers kept at a time; several are handed back. */
  readonly beam?: number | undefined;
  readonly nBest?: number | undefined;
  /** Where any of these is there, answers are drawn. */
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
  /** Ids that a person chose: what is written begins with them. */
  readonly chosen?: readonly number[] | undefined;
}

/** A token, and how likely it was at the temperature asked for. */
export interface TokenChance {
  readonly id: number;
  readonly token: string;
  readonly probability: number;
}

/** One token written: it, and the most probable that might have come. */
export interface WrittenToken extends TokenChance {
  readonly text: string;
  readonly others: readonly TokenChance[];
}

/** A text that a model wrote, token by token. */
export interface Written {
  readonly begin: string;
  readonly tokens: readonly WrittenToken[];
}

/** What goes on in a seq2seq while it answers. */
export interface Inspection {
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** How much each written token looked at each token read; undefined without attention. */
  readonly attention: readonly (readonly number[])[] | undefined;
  /** What the encoder's last layer holds at each token read, H numbers from −1 to 1. */
  readonly reading: readonly (readonly number[])[];
  /** The tokens that the decoder read, each the one that was written before. */
  readonly given: readonly string[];
  /** What the decoder's last layer holds after each of them. */
  readonly writing: readonly (readonly number[])[];
  /** Which cells carry which digit of a sum, from the ones on; undefined where no sum was asked. */
  readonly digits: readonly DigitCells[] | undefined;
}

/** How much of each cell one digit of the sum explains, the most first. */
export interface DigitCells {
  /** 0 for the ones, 1 for the tens, … */
  readonly place: number;
  readonly cells: readonly DigitCell[];
}

export interface DigitCell {
  readonly cell: number;
  /** Share of the cell's variance, over many sums, that the digit explains. */
  readonly share: number;
}

export type Action = "pause" | "resume" | "step" | "stop";

/** What the page can ask for: what it sends, and what comes back. */
export interface Calls {
  /** @returns the run's id */
  start: { params: { task: TaskRequest; options: Options; name: string }; result: string };
  act: { params: { run: string; action: Action }; result: undefined };
  ask: { params: { run: string; texts: readonly string[]; options: AskOptions }; result: readonly Prediction[] };
  caption: { params: { run: string; name: string; file: Blob; options: AskOptions }; result: Caption };
  /** Draws an example, another for each number. */
  draw: { params: { number: number; side: number }; result: DrawnPicture };
  write: { params: { run: string; options: WriteOptions }; result: Written };
  inspect: { params: { run: string; text: string }; result: Inspection };
  /** The bytes of a model file. */
  save: { params: { run: string }; result: Uint8Array };
  /** @returns the id of what was opened */
  open: { params: { name: string; bytes: Uint8Array }; result: string };
  forget: { params: { run: string }; result: undefined };
  /** How a text might go on: some short continuations, the most probable first. */
  suggest: { params: { run: string; text: string }; result: readonly string[] };
}
export type CallName = keyof Calls;

export type Call<Name extends CallName = CallName> = {
  [N in Name]: { readonly name: N; readonly params: Calls[N]["params"] };
}[Name];

export type Reply<Name extends CallName> =
  | { readonly ok: true; readonly result: Calls[Name]["result"] }
  | { readonly ok: false; readonly problem: Problem };

/** What the worker says by itself. */
export type WorkerEvent =
  | { readonly kind: "forms"; readonly forms: Readonly<Record<FormKind, Form>> }
  | { readonly kind: "ready"; readonly threads: number }
  | { readonly kind: "broken"; readonly problem: Problem }
  | { readonly kind: "run"; readonly run: RunRecord }
  | { readonly kind: "forgotten"; readonly run: string };
