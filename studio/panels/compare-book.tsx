import { comparedModels } from "seqloom";
import type { Calls } from "../messages.js";
import { makeTask, nameRun, options, preset, taskKind } from "../state/form.js";
import { endQueue, isPreparing, queue, trainAll } from "../state/queue.js";
import { engine, forms, problem } from "../state/store.js";
import { words } from "../words/language.js";

/** The book's experiment: trains its models one after another on the form's task with the form's other settings. */
export function CompareBook({ onStart }: { onStart: () => void }) {
  const { compare, train } = words.value;
  const kind = taskKind.value;
  const { total, waiting } = queue.value;
  const given = { ...preset.value, ...options.value };
  const isReady = engine.value.state === "ready" && forms.value && !isPreparing.value;
  return (
    <section class="card">
      <h2>{compare.book}</h2>
      <p class="hint">{compare.bookHint}</p>
      {kind === "text" ? (
        <p>{compare.bookPairs}</p>
      ) : (
        <p>
          {compare.budget(train.tasks[kind].name, String(given["epochs"] ?? "–"), String(given["hiddenSize"] ?? "–"))}
        </p>
      )}
      <div class="row">
        <button
          type="button"
          class="main"
          disabled={!isReady || kind === "text"}
          onClick={() => {
            if (start()) onStart();
          }}
        >
          {compare.start}
        </button>
        {total > 1 && (
          <>
            <span role="status">{compare.turn(total - waiting.length, total)}</span>
            <button type="button" class="quiet" onClick={endQueue}>
              {compare.stop}
            </button>
          </>
        )}
      </div>
    </section>
  );
}

/** @returns true if there is training data */
function start(): boolean {
  const task = makeTask();
  if (!task) {
    const { noInput, noInputHint } = words.value.errors;
    problem.value = { message: noInput, hint: noInputHint };
    return false;
  }
  const starts = Object.values(comparedModels).map((model): Calls["start"]["params"] => {
    const { decoder, reverse } = model;
    return { task, options: { ...options.value, ...model }, name: nameRun(task, { preset: decoder, reverse }) };
  });
  void trainAll(starts);
  return true;
}
