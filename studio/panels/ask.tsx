import type { RunRecord } from "../messages.js";
import { RunPicker } from "../parts/run-picker.js";
import { words } from "../words/language.js";
import { AskBox } from "./ask-box.js";
import { WriteBox } from "./write-box.js";

/** Ask a model that answers, write with a model that writes. */
export function AskPanel() {
  return <RunPicker>{(run) => <Box key={run.id} run={run} />}</RunPicker>;
}

function Box({ run }: { run: RunRecord }) {
  const { ask } = words.value;
  return (
    <section class="card">
      <h2>{run.kind === "pairs" ? ask.title : ask.writeTitle}</h2>
      {run.kind === "pairs" ? <AskBox run={run} /> : <WriteBox run={run} />}
    </section>
  );
}
