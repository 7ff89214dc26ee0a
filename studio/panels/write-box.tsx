import { useId, useState } from "preact/hooks";
import type { RunRecord, WriteOptions, Written as WrittenText } from "../messages.js";
import { NumberField } from "../parts/number-field.js";
import { Written } from "../parts/written.js";
import { attempt } from "../state/store.js";
import { words } from "../words/language.js";

const usual: WriteOptions = { prompt: "", maxTokens: 120, greedy: false, temperature: 0.8, suppress: "", seed: 1 };

/** A prompt, the sampling options, and the generated text. */
export function WriteBox({ run }: { run: RunRecord }) {
  const id = useId();
  const [options, setOptions] = useState<WriteOptions>(usual);
  const [written, setWritten] = useState<WrittenText | undefined>(undefined);
  const { ask } = words.value;
  const set = (change: Partial<WriteOptions>): void => setOptions((before) => ({ ...before, ...change }));
  const write = async (asked: WriteOptions): Promise<void> => {
    const text = await attempt("write", { run: run.id, options: asked });
    if (text) setWritten(text);
  };
  return (
    <>
      <form
        class="ask"
        onSubmit={(event) => {
          event.preventDefault();
          void write(options);
        }}
      >
        <label for={`${id}-prompt`}>{ask.prompt}</label>
        <div class="row">
          <input
            id={`${id}-prompt`}
            name="prompt"
            type="text"
            autocomplete="off"
            value={options.prompt}
            onInput={({ currentTarget }) => set({ prompt: currentTarget.value })}
          />
          <button type="submit" class="main">
            {ask.write}
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              const next = { ...options, seed: options.seed + 1 };
              setOptions(next);
              void write(next);
            }}
          >
            {ask.again}
          </button>
        </div>
        <p class="hint">{ask.promptHint}</p>
        <details open>
          <summary>{ask.options}</summary>
          <div class="fields">
            <NumberField
              label={ask.temperature}
              hint={ask.temperatureHint}
              min={0.05}
              max={3}
              step={0.05}
              value={options.temperature}
              onValue={(temperature = 1) => set({ temperature })}
            />
            <NumberField
              label={ask.topK}
              min={1}
              step={1}
              placeholder={ask.off}
              value={options.topK}
              onValue={(topK) => set({ topK })}
            />
            <NumberField
              label={ask.topP}
              min={0.01}
              max={1}
              step={0.01}
              placeholder={ask.off}
              value={options.topP}
              onValue={(topP) => set({ topP })}
            />
            <NumberField
              label={ask.maxTokens}
              min={1}
              max={2000}
              step={1}
              value={options.maxTokens}
              onValue={(maxTokens = 100) => set({ maxTokens })}
            />
            <NumberField label={ask.seed} min={0} step={1} value={options.seed} onValue={(seed = 1) => set({ seed })} />
            <div class="field" title={ask.suppressHint}>
              <label for={`${id}-suppress`}>{ask.suppress}</label>
              <input
                id={`${id}-suppress`}
                type="text"
                placeholder="N,<unk>,$"
                value={options.suppress}
                onInput={({ currentTarget }) => set({ suppress: currentTarget.value })}
              />
            </div>
            <div class="field check">
              <input
                id={`${id}-greedy`}
                type="checkbox"
                checked={options.greedy}
                onChange={({ currentTarget }) => set({ greedy: currentTarget.checked })}
              />
              <label for={`${id}-greedy`}>{ask.greedy}</label>
            </div>
          </div>
        </details>
      </form>
      {written && <Written written={written} />}
    </>
  );
}
