import type { ModelKind, Options } from "../messages.js";
import { LanguageModelPicture, sub } from "../parts/language-model-picture.js";
import { RunPicker } from "../parts/run-picker.js";
import { Seq2SeqPicture } from "../parts/seq2seq-picture.js";
import { MOST_LAYERS, type Shape, shapeOf } from "../parts/shape.js";
import { options, preset, shapes, taskKind } from "../state/form.js";
import { current } from "../state/store.js";
import { words } from "../words/language.js";
import type { Words } from "../words/words.js";

/** The model of a run, or before the first the one of the form: its picture, and in words. */
export function HowPanel() {
  const { kind } = shapes[taskKind.value];
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
  const shape = shapeOf(config);
  const shown = sentences[kind](shape, words.value).flatMap(([holds, sentence]) => (holds ? [sentence] : []));
  const description = shown.join(" ");
  const letters = { source: [1, 2, 3].map((n) => `x${sub(n)}`), target: [how.start, `y${sub(1)}`, `y${sub(2)}`] };
  return (
    <section class="card how">
      <h2>{how.title}</h2>
      <figure>
        {kind === "text" && <LanguageModelPicture {...{ shape, description }} />}
        {kind === "pairs" && (
          <Seq2SeqPicture {...{ shape, description }} example={task === "addition" ? sum : letters} />
        )}
        <figcaption class="prose">
          {shown.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
          <p class="hint">{how.sizes(shape.cell, shape.layers, shape.embeddingSize, shape.hiddenSize)}</p>
          {shape.layers > MOST_LAYERS && <p class="hint">{how.moreLayers(MOST_LAYERS)}</p>}
        </figcaption>
      </figure>
    </section>
  );
}

type Sentences = readonly (readonly [holds: boolean, sentence: string])[];

/** How each kind of model works: what holds of a shape. */
const sentences: Readonly<Record<ModelKind, (shape: Shape, words: Words) => Sentences>> = {
  pairs: (shape, { how }) => [
    [true, how.seq2seq],
    [true, how[shape.decoder]],
    [shape.isReversed, how.reverse],
    [shape.isBidirectional, how.bidirectional],
    [shape.layers > 1, how.layers],
    [shape.layers > 1, how.layerStates],
    [shape.passesCell, how.initCell],
    [shape.combines, how.attentionalHidden],
    [shape.feeds, how.inputFeeding],
    [shape.isTied, how.tieWeights],
    [true, how.back],
  ],
  captions: (shape, { captions, how }) => [
    [true, captions.how],
    [true, captions.from],
    [shape.decoder === "peeky", how.peeky],
    [shape.decoder === "attention", captions.attention],
    [shape.layers > 1, how.layers],
    [shape.combines, how.attentionalHidden],
    [shape.feeds, how.inputFeeding],
    [shape.isTied, how.tieWeights],
    [true, how.back],
  ],
  text: (shape, { how }) => [
    [true, how.languageModel],
    [shape.layers > 1, how.layers],
    [shape.isTied, how.tieWeights],
  ],
};
