import type { RunRecord } from "../messages.js";
import { RunPicker } from "../parts/run-picker.js";
import { words } from "../words/language.js";

/** The model of a run, in words. */
export function HowPanel() {
  return <RunPicker>{(run) => <How run={run} />}</RunPicker>;
}

function How({ run: { kind, config } }: { run: RunRecord }) {
  const { how } = words.value;
  const decoder = config["decoder"];
  const isKnown = decoder === "plain" || decoder === "peeky" || decoder === "attention";
  return (
    <section class="card prose">
      <h2>{how.title}</h2>
      <p>{kind === "text" ? how.languageModel : how.seq2seq}</p>
      {isKnown && <p>{how[decoder]}</p>}
      {config["reverse"] === true && <p>{how.reverse}</p>}
    </section>
  );
}
