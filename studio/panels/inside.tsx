import type { ComponentType } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import type { Inspection, ModelKind, RunRecord } from "../messages.js";
import { InsideMaps } from "../parts/inside-maps.js";
import { RunPicker } from "../parts/run-picker.js";
import { attempt } from "../state/store.js";
import { language, words } from "../words/language.js";
import { InsideText } from "./inside-text.js";

const boxes: Readonly<Record<ModelKind, ComponentType<{ run: RunRecord }>>> = {
  pairs: InsidePairs,
  text: InsideText,
  captions: InsideCaptions,
};

/** The panel that shows a model's hidden states and attention. */
export function InsidePanel() {
  return (
    <RunPicker>
      {(run) => {
        const Box = boxes[run.kind];
        return <Box key={run.id} run={run} />;
      }}
    </RunPicker>
  );
}

function InsideCaptions() {
  const { captions, inside, panels } = words.value;
  return (
    <section class="card">
      <h2>{inside.title}</h2>
      <p>{captions.inside}</p>
      <p>
        <a class="link" href="#ask">
          {panels.ask}
        </a>
      </p>
    </section>
  );
}

function InsidePairs({ run }: { run: RunRecord }) {
  const id = useId();
  const { inside } = words.value;
  const [text, setText] = useState(run.samples[0]?.question ?? "");
  const [seen, setSeen] = useState<Inspection | undefined>(undefined);
  const look = async (): Promise<void> => {
    const found = await attempt("inspect", { run: run.id, text });
    if (found) setSeen(found);
  };
  useEffect(() => {
    if (text !== "") void look();
  }, []);
  return (
    <section class="card">
      <h2>{inside.title}</h2>
      <form
        class="ask"
        onSubmit={(event) => {
          event.preventDefault();
          void look();
        }}
      >
        <label for={id}>{inside.text}</label>
        <div class="row">
          <input
            id={id}
            type="text"
            autocomplete="off"
            spellcheck={false}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          <button type="submit" class="main">
            {inside.look}
          </button>
        </div>
      </form>
      {seen && <InsideMaps key={language.value} seen={seen} />}
    </section>
  );
}
