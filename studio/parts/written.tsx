import { useState } from "preact/hooks";
import type { Written as WrittenText, WrittenToken } from "../messages.js";
import { words } from "../words/language.js";
import { percent } from "./numbers.js";

/** A text that a model wrote: the ground of each token tells how likely it was. */
export function Written({ written }: { written: WrittenText }) {
  const [open, setOpen] = useState<number | undefined>(undefined);
  const chosen = open === undefined ? undefined : written.tokens[open];
  return (
    <>
      <p class="written tokens">
        <span class="begin">{written.begin}</span>
        {written.tokens.map((token, i) => (
          <button
            key={i}
            type="button"
            class={open === i ? "token chosen" : "token"}
            style={{ "--chance": token.probability.toFixed(3) }}
            title={percent(token.probability)}
            aria-pressed={open === i}
            onClick={() => setOpen(open === i ? undefined : i)}
          >
            {token.text}
          </button>
        ))}
      </p>
      <p class="hint">{words.value.ask.colours}</p>
      {chosen && <Chances token={chosen} />}
    </>
  );
}

/** What might have come in place of a token, as bars. */
function Chances({ token }: { token: WrittenToken }) {
  return (
    <div class="chances">
      <h3>{words.value.ask.instead(visible(token.token))}</h3>
      <ul>
        {token.others.map((other) => (
          <li key={other.id} class={other.id === token.id ? "chosen" : ""}>
            <span class="name">{visible(other.token)}</span>
            <span class="bar">
              <span style={{ width: `${100 * other.probability}%` }} />
            </span>
            <span class="value">{percent(other.probability)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A token of white space as a sign. */
export function visible(token: string): string {
  return token.replaceAll("\n", "⏎").replaceAll(" ", "␣");
}
