import { generateIds } from "../decode/generate.js";
import { Sampler } from "../decode/sampler.js";
import type { Backend } from "../engine/backend/backend.js";
import type { RecurrentState } from "../engine/layers/recurrent.js";
import { Random } from "../engine/random.js";
import type { sha256 } from "../engine/sha256.js";
import { loadArrays, type ModelFile } from "../files/model-file.js";
import { LanguageModel, type TextBatch } from "../models/language-model.js";
import type { SavedLanguageModel } from "../tasks/model-kinds.js";
import type { TextData } from "../tasks/texts/text.js";
import type { TextSettings } from "../tasks/texts/text-options.js";
import type { BatchSource } from "./batches.js";
import { evaluateText, type TextEvaluation } from "./perplexity.js";
import { type NamedTensor, Run, type RunEvent } from "./run.js";
import { TextBatches } from "./text-batches.js";

export type TextResult = TextEvaluation & {
  readonly set: "valid";
  /** A text that the model wrote, always from the same first token. */
  readonly sample: string;
};
export type TextEvent = RunEvent<TextResult>;

/** A text to train on. */
export interface TrainingText extends TextData {
  /** A hash of the text. @default SHA-256 of its tokens */
  hash?(): string | Promise<string>;
}

/** A language model's training run. The model with the lowest validation loss is kept. */
export class TextRun extends Run<TextBatch, TextResult> {
  readonly model: LanguageModel;
  /** Scores of the model that is kept on the test set, by both protocols: known when the run is finished. */
  tests: readonly TextEvaluation[] = [];
  override readonly keepsBest = true;
  readonly #data: TrainingText;
  readonly #settings: TextSettings;

  constructor(backend: Backend, data: TrainingText, settings: TextSettings) {
    const { cell, layers, embeddingSize, hiddenSize, dropout, tieWeights, seed, init } = settings;
    const config = { cell, layers, embeddingSize, hiddenSize, dropout, tieWeights, vocabSize: data.tokenizer.size };
    const model = new LanguageModel(backend, { kind: "language-model", ...config }, seed).initialize(seed, init);
    super(backend, model, settings);
    this.model = model;
    this.#data = data;
    this.#settings = settings;
  }

  override get saved(): SavedLanguageModel {
    const { seed, epochs, ...options } = this.#settings;
    const scores = Object.fromEntries(
      this.tests.map(({ protocol, perplexity }) => [`perplexity (${protocol})`, perplexity]),
    );
    if (this.evaluation) scores["validation"] = this.evaluation.perplexity;
    const training = { data: this.#data.name, seed, epochs, steps: this.steps, options, scores };
    return { model: this.model, tokenizer: this.#data.tokenizer, training };
  }

  protected override source(): BatchSource<TextBatch> {
    const { batchSize: N, seqLen: T } = this.#settings;
    return new TextBatches(this.backend, this.#data.train, { N, T });
  }

  protected override score(): TextResult {
    const scores = evaluateText(this.backend, this.model, this.#data.valid, "exact");
    return { set: "valid", ...scores, sample: this.#write() };
  }

  protected override figures({ loss, perplexity, sample }: TextResult): Record<string, number> {
    this.history.texts.push({ title: `after epoch ${this.history.evaluations.length + 1}`, text: sample });
    return { loss, perplexity };
  }

  protected override finished(): void {
    this.tests = (["book", "exact"] as const)
      .map((protocol) => evaluateText(this.backend, this.model, this.#data.test, protocol))
      .filter(({ count }) => count > 0);
  }

  protected override hashData(hash: typeof sha256): string | Promise<string> {
    const { tokenizer, train, valid, test } = this.#data;
    if (this.#data.hash) return this.#data.hash();
    return hash([JSON.stringify(tokenizer), ...[train, valid, test].map((text) => text.read(0, text.length))]);
  }

  protected override state(): NamedTensor[] {
    return (this.model.state ?? []).flatMap(nameState);
  }

  protected override restoreState(file: ModelFile): void {
    const shape = file.tensors.get("state.h_l0")?.shape;
    if (!shape) return;
    const room = () => this.backend.arena.tensor(shape);
    const hasCell = file.tensors.has("state.c_l0");
    const states = Array.from({ length: this.#settings.layers }, () => ({
      h: room(),
      c: hasCell ? room() : undefined,
    }));
    loadArrays(file, states.flatMap(nameState));
    this.model.state = states;
  }

  /** Writes a short text from the first token of the validation set. */
  #write(): string {
    const { tokenizer, valid } = this.#data;
    const maxTokens = this.#settings.tokenizer === "words" ? 40 : 240;
    const state = this.model.keepState();
    const prompt = [...valid.read(0, 1)];
    const ids = generateIds(this.model, {
      prompt,
      maxTokens,
      sampler: new Sampler(),
      random: new Random(this.#settings.seed),
    });
    const text = tokenizer.decode([...prompt, ...ids]);
    this.model.state = state;
    return text;
  }
}

function nameState({ h, c }: RecurrentState, layer: number): NamedTensor[] {
  const cell = c ? [{ name: `state.c_l${layer}`, value: c }] : [];
  return [{ name: `state.h_l${layer}`, value: h }, ...cell];
}
