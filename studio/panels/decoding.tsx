import { useId } from "preact/hooks";
import type { AskOptions } from "../messages.js";
import { NumberField } from "../parts/number-field.js";
import { words } from "../words/language.js";

const ways = ["mostProbable", "search", "drawn"] as const;

/** The selected decoding method and the options of all methods. */
export interface Decoding {
  readonly way: (typeof ways)[number];
  readonly beam: number;
  readonly temperature: number;
  readonly topK?: number | undefined;
  readonly topP?: number | undefined;
  readonly suppress: string;
  readonly seed: number;
}

export const greedyDecoding: Decoding = { way: "mostProbable", beam: 5, temperature: 1, suppress: "", seed: 1 };
/** Maximum number of answers shown from a beam. */
const SHOWN = 5;

export function askOptions({ way, beam, temperature, topK, topP, suppress, seed }: Decoding): AskOptions {
  const of = {
    mostProbable: {},
    search: { beam, nBest: Math.min(beam, SHOWN) },
    drawn: { temperature, topK, topP },
  };
  return { ...of[way], suppress, seed };
}

/** The form fields for decoding. */
export function DecodingFields({
  decoding,
  onDecoding,
}: {
  decoding: Decoding;
  onDecoding: (decoding: Decoding) => void;
}) {
  const id = useId();
  const { ask } = words.value;
  const set = (change: Partial<Decoding>): void => onDecoding({ ...decoding, ...change });
  return (
    <div class="fields">
      <div class="field broad">
        <label for={`${id}-way`}>{ask.how}</label>
        <select
          id={`${id}-way`}
          value={decoding.way}
          onChange={({ currentTarget }) =>
            set({ way: ways.find((way) => way === currentTarget.value) ?? "mostProbable" })
          }
        >
          {ways.map((way) => (
            <option key={way} value={way}>
              {ask[way]}
            </option>
          ))}
        </select>
      </div>
      {decoding.way === "search" && (
        <NumberField
          label={ask.beam}
          hint={ask.beamHint}
          {...{ min: 1, max: 100, step: 1 }}
          value={decoding.beam}
          onValue={(beam = greedyDecoding.beam) => set({ beam })}
        />
      )}
      {decoding.way === "drawn" && <Draw decoding={decoding} set={set} />}
      <div class="field" title={ask.suppressHint}>
        <label for={`${id}-suppress`}>{ask.suppress}</label>
        <input
          id={`${id}-suppress`}
          type="text"
          placeholder={ask.off}
          value={decoding.suppress}
          onInput={({ currentTarget }) => set({ suppress: currentTarget.value })}
        />
      </div>
    </div>
  );
}

function Draw({ decoding, set }: { decoding: Decoding; set: (change: Partial<Decoding>) => void }) {
  const { ask } = words.value;
  return (
    <>
      <NumberField
        label={ask.temperature}
        hint={ask.temperatureHint}
        {...{ min: 0.05, max: 3, step: 0.05 }}
        value={decoding.temperature}
        onValue={(temperature = greedyDecoding.temperature) => set({ temperature })}
      />
      <NumberField
        label={ask.topK}
        {...{ min: 1, step: 1, placeholder: ask.off }}
        value={decoding.topK}
        onValue={(topK) => set({ topK })}
      />
      <NumberField
        label={ask.topP}
        {...{ min: 0.01, max: 1, step: 0.01, placeholder: ask.off }}
        value={decoding.topP}
        onValue={(topP) => set({ topP })}
      />
      <NumberField
        label={ask.seed}
        {...{ min: 0, step: 1 }}
        value={decoding.seed}
        onValue={(seed = greedyDecoding.seed) => set({ seed })}
      />
    </>
  );
}
