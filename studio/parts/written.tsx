import { useState } from "preact/hooks";
import type { TokenChance, Written as WrittenText, WrittenToken } from "../messages.js";
import { words } from "../words/language.js";
import { percent } from "./numbers.js";

interface WrittenProps {
  readonly written: WrittenText;
  /** Continues the text from an alternative token at a position; without it, alternatives are only shown. */
  readonly onChoose?: (at: number, id: number) => void;
}

/** A generated text: each token's background shows its probability. Arrow keys move between tokens. */
export function Written({ written: { begin, tokens }, onChoose }: WrittenProps) {
  const [open, setOpen] = useState<number | undefined>(onChoose ? 0 : undefined);
  const { ask, inside } = words.value;
  const chosen = open === undefined ? undefined : tokens[open];
  return (
    <>
      <p class="written tokens">
        <span class="begin">{begin}</span>
        {tokens.map((token, i) => (
          <button
            key={i}
            type="button"
            class={open === i ? "token chosen" : "token"}
            style={{ "--chance": token.probability.toFixed(3) }}
            title={percent(token.probability)}
            aria-pressed={open === i}
            tabIndex={i === (open ?? 0) ? 0 : -1}
            onClick={() => setOpen(open === i && !onChoose ? undefined : i)}
            onKeyDown={walk}
          >
            {token.text}
          </button>
        ))}
      </p>
      <p class="hint">{onChoose ? inside.choose : ask.colours}</p>
      {chosen && <Chances token={chosen} onChoose={onChoose && ((id) => onChoose(open ?? 0, id))} />}
    </>
  );
}

/** Moves the focus to the neighbouring token. */
export function walk(event: KeyboardEvent): void {
  const { currentTarget, key } = event;
  if (!(currentTarget instanceof HTMLElement)) return;
  const next = key === "ArrowRight" ? currentTarget.nextElementSibling : currentTarget.previousElementSibling;
  if (!["ArrowRight", "ArrowLeft"].includes(key) || !(next instanceof HTMLButtonElement)) return;
  event.preventDefault();
  next.focus();
  next.click();
}

/** A bar chart of the alternatives to a token. */
function Chances({ token, onChoose }: { token: WrittenToken; onChoose?: ((id: number) => void) | undefined }) {
  const { ask, inside } = words.value;
  const isLikely = token.others.some(({ id }) => id === token.id);
  const shown: readonly TokenChance[] = isLikely ? token.others : [...token.others, token];
  return (
    <div class="chances">
      <h3>{ask.instead(visible(token.token))}</h3>
      <ul>
        {shown.map((other) => (
          <li key={other.id} class={other.id === token.id ? "chosen" : ""}>
            {onChoose ? (
              <button
                type="button"
                class="chance"
                title={inside.continueWith(visible(other.token))}
                onClick={() => onChoose(other.id)}
              >
                <Chance {...other} />
              </button>
            ) : (
              <Chance {...other} />
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Chance({ token, probability }: TokenChance) {
  return (
    <>
      <span class="name">{visible(token)}</span>{" "}
      <span class="bar">
        <span style={{ width: `${100 * probability}%` }} />
      </span>
      <span class="value">{percent(probability)}</span>
    </>
  );
}

/** A token with visible signs for white space. */
export function visible(token: string): string {
  return token.replaceAll("\n", "⏎").replaceAll(" ", "␣");
}
