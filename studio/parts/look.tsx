import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Looks } from "../messages.js";
import { words } from "../words/language.js";
import { percent } from "./numbers.js";
import { visible, walk } from "./written.js";

interface LookProps {
  readonly name: string;
  readonly url: string;
  /** True for a generated example, which is shown with sharp pixels. */
  readonly isDrawn: boolean;
  readonly looks: Looks | undefined;
  /** The caption. */
  readonly said: ComponentChildren;
  /** The content below. */
  readonly children: ComponentChildren;
}

/** A picture beside its caption; the attention weights of the selected word light up the picture. */
export function Look({ name, url, isDrawn, looks, said, children }: LookProps) {
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const at = pointed ?? chosen;
  return (
    <div class="look">
      <div class="seen">
        <img src={url} alt={name} class={isDrawn ? "drawn" : ""} />
        {looks && at !== undefined && <Light looks={looks} at={at} />}
      </div>
      <div class="says">
        {said}
        {looks && <LookedAt {...{ looks, at, chosen, setChosen, setPointed }} />}
        {children}
      </div>
    </div>
  );
}

interface LookedAtProps {
  readonly looks: Looks;
  /** Index of the selected word. */
  readonly at: number | undefined;
  readonly chosen: number | undefined;
  readonly setChosen: (word: number | undefined) => void;
  readonly setPointed: (word: number | undefined) => void;
}

/** The words of the caption, which can be hovered or selected. Arrow keys move between words. */
function LookedAt({ looks, at, chosen, setChosen, setPointed }: LookedAtProps) {
  const { captions } = words.value;
  return (
    <div>
      <h3>{captions.looks}</h3>
      <p class="looks" onBlurCapture={() => setChosen(undefined)}>
        {looks.words.map((word, t) => (
          <button
            key={t}
            type="button"
            class={at === t ? "token chosen" : "token"}
            aria-pressed={at === t}
            tabIndex={t === (chosen ?? 0) ? 0 : -1}
            onClick={() => setChosen(t)}
            onFocus={() => setChosen(t)}
            onPointerEnter={() => setPointed(t)}
            onPointerLeave={() => setPointed(undefined)}
            onKeyDown={walk}
          >
            {visible(word)}
          </button>
        ))}
      </p>
      <p class="hint" role="status">
        {at === undefined ? captions.looksHint : sayMost(looks, at)}
      </p>
    </div>
  );
}

/** A shade over the picture, more transparent where the weights are larger. */
function Light({ looks: { rows, columns, shares }, at }: { looks: Looks; at: number }) {
  const places = shares[at] ?? [];
  const most = Math.max(...places);
  return (
    <svg class="light" viewBox={`0 0 ${columns} ${rows}`} preserveAspectRatio="none" aria-hidden="true">
      {places.map((share, s) => (
        <rect
          key={s}
          {...{ x: s % columns, y: Math.floor(s / columns), width: 1, height: 1 }}
          fill-opacity={(0.8 * (1 - share / most)).toFixed(3)}
        />
      ))}
    </svg>
  );
}

/** A sentence about the region with the largest weight. */
function sayMost({ columns, shares, words: written }: Looks, at: number): string {
  const places = shares[at] ?? [];
  const most = places.indexOf(Math.max(...places));
  const [row, column] = [Math.floor(most / columns) + 1, (most % columns) + 1];
  return words.value.captions.looksAt(visible(written[at] ?? ""), row, column, percent(places[most] ?? 0));
}
