import { useEffect, useId, useState } from "preact/hooks";
import type { RunRecord, WriteOptions, Written as WrittenText } from "../messages.js";
import { Written } from "../parts/written.js";
import { attempt } from "../state/store.js";
import { words } from "../words/language.js";

/** The model's own distribution: temperature 1, no top-k or top-p. */
const plain = { maxTokens: 60, greedy: false, temperature: 1, suppress: "" };

/** The probability of each generated token; selecting an alternative continues the text from there. */
export function InsideText({ run }: { run: RunRecord }) {
  const id = useId();
  const { ask, inside } = words.value;
  const [prompt, setPrompt] = useState("");
  const [seed, setSeed] = useState(1);
  const [made, setMade] = useState<{ written: WrittenText; options: WriteOptions } | undefined>(undefined);
  const write = async (options: WriteOptions): Promise<void> => {
    const written = await attempt("write", { run: run.id, options });
    if (written) setMade({ written, options });
  };
  useEffect(() => {
    if (run.text !== "") void write({ ...plain, prompt, seed });
  }, []);
  return (
    <section class="card">
      <h2>{inside.title}</h2>
      <form
        class="ask"
        onSubmit={(event) => {
          event.preventDefault();
          void write({ ...plain, prompt, seed });
        }}
      >
        <label for={id}>{ask.prompt}</label>
        <div class="row">
          <input
            id={id}
            type="text"
            autocomplete="off"
            value={prompt}
            onInput={({ currentTarget }) => setPrompt(currentTarget.value)}
          />
          <button type="submit" class="main">
            {ask.write}
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              setSeed(seed + 1);
              void write({ ...plain, prompt, seed: seed + 1 });
            }}
          >
            {ask.again}
          </button>
        </div>
        <p class="hint">{ask.promptHint}</p>
      </form>
      {made && (
        <Written
          written={made.written}
          onChoose={(at, token) => {
            const before = made.written.tokens.slice(0, at).map((each) => each.id);
            void write({ ...made.options, chosen: [...before, token] });
          }}
        />
      )}
    </section>
  );
}
