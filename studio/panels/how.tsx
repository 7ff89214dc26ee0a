import type { ModelKind, Options } from "../messages.js";
import { type Architecture, architectureOf, MOST_LAYERS } from "../parts/architecture.js";
import { LanguageModelDiagram, sub } from "../parts/language-model-diagram.js";
import { RunPicker } from "../parts/run-picker.js";
import { Seq2SeqDiagram } from "../parts/seq2seq-diagram.js";
import { options, preset, taskForms, taskKind } from "../state/form.js";
import { current } from "../state/store.js";
import { words } from "../words/language.js";
import type { Words } from "../words/words.js";

/** A diagram and an explanation of the run's model, or of the form's model before the first run. */
export function HowPanel() {
  const { kind } = taskForms[taskKind.value];
  if (!current.value) return <How kind={kind} task={taskKind.value} config={{ ...preset.value, ...options.value }} />;
  return <RunPicker>{(run) => <How kind={run.kind} task={run.task.kind} config={run.config} />}</RunPicker>;
}

interface HowProps {
  readonly kind: ModelKind;
  readonly task: string;
  readonly config: Options;
}

const sum = { source: ["3", "+", "9"], target: ["_", "1", "2"] };

function How({ kind, task, config }: HowProps) {
  const { how } = words.value;
  const architecture = architectureOf(config);
  const shown = sentences[kind](architecture, words.value).flatMap(([holds, sentence]) => (holds ? [sentence] : []));
  const description = shown.join(" ");
  const letters = { source: [1, 2, 3].map((n) => `x${sub(n)}`), target: [how.start, `y${sub(1)}`, `y${sub(2)}`] };
  return (
    <section class="card how">
      <h2>{how.title}</h2>
      <figure>
        {kind === "text" && <LanguageModelDiagram {...{ architecture, description }} />}
        {kind === "pairs" && (
          <Seq2SeqDiagram {...{ architecture, description }} example={task === "addition" ? sum : letters} />
        )}
        <figcaption class="prose">
          {shown.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
          <p class="hint">
            {how.sizes(architecture.cell, architecture.layers, architecture.embeddingSize, architecture.hiddenSize)}
          </p>
          {architecture.layers > MOST_LAYERS && <p class="hint">{how.moreLayers(MOST_LAYERS)}</p>}
        </figcaption>
      </figure>
    </section>
  );
}

type Sentences = readonly (readonly [holds: boolean, sentence: string])[];

/** Explanations for each kind of model: sentences, each with the condition under which it applies. */
const sentences: Readonly<Record<ModelKind, (architecture: Architecture, words: Words) => Sentences>> = {
  pairs: (architecture, { how }) => [
    [true, how.seq2seq],
    [true, how[architecture.decoder]],
    [architecture.isReversed, how.reverse],
    [architecture.isBidirectional, how.bidirectional],
    [architecture.layers > 1, how.layers],
    [architecture.layers > 1, how.layerStates],
    [architecture.passesCell, how.initCell],
    [architecture.combines, how.attentionalHidden],
    [architecture.feeds, how.inputFeeding],
    [architecture.isTied, how.tieWeights],
    [true, how.back],
  ],
  captions: (architecture, { captions, how }) => [
    [true, captions.how],
    [true, captions.from],
    [architecture.decoder === "peeky", how.peeky],
    [architecture.decoder === "attention", captions.attention],
    [architecture.layers > 1, how.layers],
    [architecture.combines, how.attentionalHidden],
    [architecture.feeds, how.inputFeeding],
    [architecture.isTied, how.tieWeights],
    [true, how.back],
  ],
  text: (architecture, { how }) => [
    [true, how.languageModel],
    [architecture.layers > 1, how.layers],
    [architecture.isTied, how.tieWeights],
  ],
};
