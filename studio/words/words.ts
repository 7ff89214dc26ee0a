import type { PairSettings, TextSettings } from "seqloom";
import type { Action, RunStatus, TaskKind } from "../messages.js";

import type { CaptionWords } from "./captions.js";

export const panelNames = ["train", "compare", "inside", "ask", "files", "how"] as const;
export type PanelName = (typeof panelNames)[number];

export type FieldName = Exclude<keyof PairSettings, "stackFrames" | "pyramidLayers"> | keyof TextSettings;

type Text<Name extends string> = Readonly<Record<Name, string>>;

/** All texts of the page: each language has a table with every entry. */
export interface Words extends Text<"title" | "lead" | "skipToContent" | "language"> {
  readonly panels: Text<PanelName>;
  readonly engine: Text<"starting" | "alone" | "broken" | "brokenHint"> & { readonly threads: (n: number) => string };
  readonly train: Text<
    | "task"
    | "digits"
    | "count"
    | "countHint"
    | "text"
    | "textHint"
    | "pairs"
    | "pairsHint"
    | "choose"
    | "remove"
    | "model"
    | "more"
    | "asSuggested"
    | "yes"
    | "no"
    | "start"
    | "startAnother"
    | "again"
    | "preparing"
    | "emptyTitle"
    | "empty"
    | "local"
  > & {
    readonly tasks: Readonly<Record<TaskKind, Text<"name" | "example">>>;
    readonly groups: Text<"model" | "text" | "training">;
    readonly dropped: (name: string, size: string) => string;
    readonly preset: (value: string) => string;
  };
  readonly controls: Text<Action>;
  readonly status: Text<RunStatus>;
  readonly figures: Text<
    "right" | "loss" | "perplexity" | "speed" | "epoch" | "time" | "run" | "state" | "settings" | "training" | "test"
  > & {
    readonly epochOf: (epoch: number, epochs: number) => string;
    readonly steps: (n: number, of: number) => string;
    readonly parameters: (n: number) => string;
  };
  readonly charts: Text<
    | "loss"
    | "lossHint"
    | "lossByEpoch"
    | "accuracy"
    | "accuracyHint"
    | "perplexity"
    | "perplexityHint"
    | "waiting"
    | "step"
    | "epoch"
  >;
  readonly samples: Text<"title" | "question" | "answer" | "reference" | "isRight" | "isWrong" | "text"> & {
    readonly count: (right: number, of: number) => string;
  };
  readonly pick: Text<"label" | "none">;
  readonly ask: Text<
    | "title"
    | "question"
    | "ask"
    | "examples"
    | "writeTitle"
    | "prompt"
    | "promptHint"
    | "write"
    | "again"
    | "options"
    | "temperature"
    | "temperatureHint"
    | "topK"
    | "topP"
    | "off"
    | "greedy"
    | "maxTokens"
    | "seed"
    | "suppress"
    | "suppressHint"
    | "colours"
    | "how"
    | "mostProbable"
    | "search"
    | "drawn"
    | "beam"
    | "beamHint"
    | "along"
    | "alongText"
    | "alongHint"
    | "offers"
  > & {
    readonly cut: string;
    readonly sure: (percent: string) => string;
    readonly score: (value: string) => string;
    readonly instead: (token: string) => string;
  };
  readonly captions: CaptionWords;
  readonly inside: Text<
    | "title"
    | "text"
    | "look"
    | "attention"
    | "attentionHint"
    | "reading"
    | "readingHint"
    | "writing"
    | "writingHint"
    | "digits"
    | "digitsHint"
    | "digit"
    | "noDigit"
    | "howMany"
    | "best"
    | "choose"
  > & {
    readonly attentionAt: (written: string, read: string, percent: string) => string;
    readonly cellAt: (token: string, cell: number, value: string) => string;
    /** 0 for the ones, 1 for the tens, … */
    readonly place: (place: number) => string;
    readonly continueWith: (token: string) => string;
  };
  readonly files: Text<
    | "title"
    | "save"
    | "saveHint"
    | "open"
    | "openHint"
    | "command"
    | "report"
    | "reportHint"
    | "saveReport"
    | "link"
    | "linkHint"
    | "copy"
  >;
  readonly compare: Text<
    "title" | "none" | "forget" | "show" | "kept" | "book" | "bookHint" | "bookPairs" | "start" | "stop"
  > & {
    readonly budget: (task: string, epochs: string, hiddenSize: string) => string;
    readonly turn: (n: number, of: number) => string;
  };
  readonly how: Text<
    | "title"
    | "diagram"
    | "seq2seq"
    | "plain"
    | "peeky"
    | "attention"
    | "reverse"
    | "bidirectional"
    | "layers"
    | "layerStates"
    | "initCell"
    | "attentionalHidden"
    | "inputFeeding"
    | "tieWeights"
    | "back"
    | "languageModel"
    | "encoder"
    | "encoderReversed"
    | "decoder"
    | "embedding"
    | "linear"
    | "attentionBox"
    | "start"
    | "inTime"
  > & {
    readonly sizes: (cell: string, layers: number, D: number, H: number) => string;
    readonly moreLayers: (shown: number) => string;
  };
  readonly errors: Text<"tooLargeHint" | "noTextHint" | "noInput" | "noInputHint"> & {
    readonly tooLarge: (name: string, size: string, most: string) => string;
    readonly noText: (name: string) => string;
  };
  readonly fields: Text<FieldName>;
}
