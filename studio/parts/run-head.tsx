import type { Action, RunRecord } from "../messages.js";
import { act } from "../state/store.js";
import { words } from "../words/language.js";
import { clock, fixed, percent, significant, whole } from "./numbers.js";

const controls: Readonly<Partial<Record<RunRecord["status"], readonly Action[]>>> = {
  training: ["pause", "stop"],
  paused: ["resume", "step", "stop"],
};

/** A run's name, status, controls and figures. */
export function RunHead({ run }: { run: RunRecord }) {
  const { controls: labels, status, figures } = words.value;
  return (
    <header class="run-head">
      <div class="row">
        <h2>{run.name}</h2>
        <span class={`status ${run.status}`}>{status[run.status]}</span>
        <div class="controls">
          {(controls[run.status] ?? []).map((action) => (
            <button key={action} type="button" class="quiet" onClick={() => act(run.id, action)}>
              {labels[action]}
            </button>
          ))}
        </div>
      </div>
      {run.steps > 0 && run.status !== "opened" && (
        <progress max={run.steps} value={run.step} aria-label={figures.steps(run.step, run.steps)} />
      )}
      <Figures run={run} />
      {run.problem && (
        <p class="problem" role="alert">
          {run.problem.message} {run.problem.hint && <span class="hint">{run.problem.hint}</span>}
        </p>
      )}
    </header>
  );
}

function Figures({ run }: { run: RunRecord }) {
  const { figures } = words.value;
  const last = run.evaluations.at(-1);
  const list: [string, string][] = [];
  if (last?.exactMatch !== undefined) list.push([percent(last.exactMatch), figures.right]);
  else if (last) list.push([significant(last.perplexity), figures.perplexity]);
  const loss = run.losses.ys.at(-1);
  if (loss !== undefined) list.push([fixed(loss), figures.loss]);
  list.push([figures.epochOf(run.epoch, run.epochs), figures.epoch]);
  if (run.tokensPerSecond > 0) list.push([whole(run.tokensPerSecond), figures.speed]);
  if (run.seconds > 0) list.push([clock(run.seconds), figures.time]);
  return (
    <dl class="figures">
      {list.map(([value, name]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
