import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Looks } from "../messages.js";
import { words } from "../words/language.js";
import { percent } from "./numbers.js";
import { visible, walk } from "./written.js";

interface LookProps {
  readonly name: string;
  readonly url: string;
  /** Whether its pixels are to be seen as they are. */
  readonly isDrawn: boolean;
  readonly looks: Looks | undefined;
  readonly children: ComponentChildren;
}

/** A picture beside what is said of it; each word shows where the model looked when it wrote it. Arrow keys go from word to word. */
export function Look({ name, url, isDrawn, looks, children }: LookProps) {
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const { captions } = words.value;
  const shares = looks?.shares[pointed ?? chosen ?? -1];
  return (
    <div class="look">
      <div class="seen">
        <img src={url} alt={name} class={isDrawn ? "drawn" : ""} />
        {looks && shares && <Light {...looks} shares={shares} />}
      </div>
      <div class="says">
        {children}
        {looks && (
          <>
            <h3>{captions.looks}</h3>
            <p class="tokens looks">
              {looks.words.map((word, t) => (
                <button
                  key={t}
                  type="button"
                  class={chosen === t ? "token chosen" : "token"}
                  aria-pressed={chosen === t}
                  tabIndex={t === (chosen ?? 0) ? 0 : -1}
                  onClick={() => setChosen(chosen === t ? undefined : t)}
                  onPointerEnter={() => setPointed(t)}
                  onPointerLeave={() => setPointed(undefined)}
                  onKeyDown={walk}
                >
                  {visible(word)}
                </button>
              ))}
            </p>
            <p class="hint" role="status">
              {chosen === undefined ? captions.looksHint : <Most looks={looks} t={chosen} />}
            </p>
          </>
        )}
      </div>
    </div>
  );
}

/** A shade over the picture, thinner where the model looked more. */
function Light({ rows, columns, shares }: Pick<Looks, "rows" | "columns"> & { shares: readonly number[] }) {
  const most = Math.max(...shares);
  return (
    <svg class="light" viewBox={`0 0 ${columns} ${rows}`} preserveAspectRatio="none" aria-hidden="true">
      {shares.map((share, s) => (
        <rect
          key={s}
          {...{ x: s % columns, y: Math.floor(s / columns), width: 1, height: 1 }}
          fill-opacity={(0.8 * (1 - share / most)).toFixed(3)}
        />
      ))}
    </svg>
  );
}

/** Where it looked most, in words. */
function Most({ looks: { columns, words: tokens, shares }, t }: { looks: Looks; t: number }) {
  const row = shares[t] ?? [];
  const most = row.reduce((best, share, s) => (share > (row[best] ?? 0) ? s : best), 0);
  const [y, x] = [Math.floor(most / columns) + 1, (most % columns) + 1];
  return <>{words.value.captions.looksAt(visible(tokens[t] ?? ""), y, x, percent(row[most] ?? 0))}</>;
}
