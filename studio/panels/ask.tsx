import type { RunRecord } from "../messages.js";
import { RunPicker } from "../parts/run-picker.js";
import { words } from "../words/language.js";
import { AskBox } from "./ask-box.js";
import { CaptionBox, CaptionElsewhere } from "./caption-box.js";
import { WriteAlong } from "./write-along.js";
import { WriteBox } from "./write-box.js";

/** The panel that runs a model: questions for seq2seq, prompts for language models, pictures for captioning models. */
export function AskPanel() {
  return <RunPicker>{(run) => <Box key={run.id} run={run} />}</RunPicker>;
}

function Box({ run }: { run: RunRecord }) {
  const { ask, captions } = words.value;
  const { picture } = run;
  if (picture)
    return (
      <section class="card">
        <h2>{captions.title}</h2>
        {picture.network === undefined ? (
          <CaptionBox run={run} size={picture} />
        ) : (
          <CaptionElsewhere run={run} network={picture.network} />
        )}
      </section>
    );
  if (run.kind === "pairs")
    return (
      <section class="card">
        <h2>{ask.title}</h2>
        <AskBox run={run} />
      </section>
    );
  return (
    <>
      <section class="card">
        <h2>{ask.writeTitle}</h2>
        <WriteBox run={run} />
      </section>
      <section class="card">
        <h2>{ask.along}</h2>
        <WriteAlong run={run} />
      </section>
    </>
  );
}
