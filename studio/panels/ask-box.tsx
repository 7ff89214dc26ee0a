import { useId, useState } from "preact/hooks";
import type { Prediction, RunRecord } from "../messages.js";
import { fixed, percent } from "../parts/numbers.js";
import { shown } from "../parts/samples.js";
import { attempt } from "../state/store.js";
import { words } from "../words/language.js";
import { askOptions, DecodingFields, greedyDecoding } from "./decoding.js";

/** A question field, and the answers with their probabilities, the latest first. */
export function AskBox({ run }: { run: RunRecord }) {
  const id = useId();
  const [text, setText] = useState("");
  const [answers, setAnswers] = useState<readonly Prediction[]>([]);
  const [decoding, setDecoding] = useState(greedyDecoding);
  const { ask } = words.value;
  const put = async (question: string): Promise<void> => {
    const found = await attempt("ask", { run: run.id, texts: [question], options: askOptions(decoding) });
    if (found) setAnswers((before) => [...found, ...before].slice(0, 20));
  };
  return (
    <>
      <form
        class="ask"
        onSubmit={(event) => {
          event.preventDefault();
          if (text !== "") void put(text);
        }}
      >
        <label for={id}>{ask.question}</label>
        <div class="row">
          <input
            id={id}
            name="question"
            type="text"
            autocomplete="off"
            spellcheck={false}
            placeholder={run.samples[0]?.question}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          <button type="submit" class="main">
            {ask.ask}
          </button>
        </div>
        <DecodingFields decoding={decoding} onDecoding={setDecoding} />
      </form>
      {run.samples.length > 0 && (
        <p class="chips">
          <span class="hint">{ask.examples}</span>
          {run.samples.slice(0, 4).map(({ question }) => (
            <button
              key={question}
              type="button"
              class="chip"
              onClick={() => {
                setText(question);
                void put(question);
              }}
            >
              {question}
            </button>
          ))}
        </p>
      )}
      <ol class="answers" aria-live="polite">
        {answers.map(({ input, output, score, others = [], isCut }, i) => (
          <li key={answers.length - i}>
            <span class="question">{input}</span>
            <output>{shown(output)}</output>
            <span class="hint" title={ask.score(fixed(score))}>
              {isCut ? ask.cut : `${ask.sure(percent(Math.exp(score)))} · ${ask.score(fixed(score))}`}
            </span>
            {others.length > 0 && (
              <ol class="others">
                {others.map((other, n) => (
                  <li key={n}>
                    {shown(other.output) || "–"} <span class="hint">{ask.sure(percent(Math.exp(other.score)))}</span>
                  </li>
                ))}
              </ol>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}
