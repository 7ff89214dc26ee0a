import { useEffect, useId, useRef, useState } from "preact/hooks";
import { call } from "../client.js";
import type { RunRecord } from "../messages.js";
import { visible } from "../parts/written.js";
import { words } from "../words/language.js";

/** Milliseconds after the last keystroke before suggestions are requested. */
const REST = 250;

/** A text box in which the model suggests continuations while the person types. */
export function WriteAlong({ run }: { run: RunRecord }) {
  const id = useId();
  const place = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const [offers, setOffers] = useState<readonly string[]>([]);
  const { ask } = words.value;

  useEffect(() => {
    let isLate = false;
    setOffers([]);
    const timer = setTimeout(async () => {
      // A token outside the vocabulary is not an error here: there are no suggestions then.
      const found = await call("suggest", { run: run.id, text }).catch(() => []);
      if (!isLate) setOffers(found);
    }, REST);
    return () => {
      isLate = true;
      clearTimeout(timer);
    };
  }, [run.id, text]);

  return (
    <div class="ask">
      <label for={id}>{ask.alongText}</label>
      <textarea
        id={id}
        ref={place}
        rows={5}
        class="along"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <p class="hint">{ask.alongHint}</p>
      <p class="chips offers" aria-live="polite">
        <span class="hint">{ask.offers}</span>
        {offers.map((offer) => (
          <button
            key={offer}
            type="button"
            class="chip"
            onClick={() => {
              setText(text + offer);
              place.current?.focus();
            }}
          >
            {offer.trim() === "" ? visible(offer) : offer.trim().replaceAll("\n", "⏎")}
          </button>
        ))}
      </p>
    </div>
  );
}
