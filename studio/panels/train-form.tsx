import { Field } from "../parts/field.js";
import { fields, groupOf, makeTask, nameRun, options, taskKind } from "../state/form.js";
import { isPreparing, trainAll } from "../state/queue.js";
import { current, engine, forms, problem } from "../state/store.js";
import { words } from "../words/language.js";
import { TaskData } from "./task-data.js";

const kinds = ["addition", "dates", "text", "pairs"] as const;

async function start(): Promise<void> {
  const task = makeTask();
  if (!task) {
    const { noInput, noInputHint } = words.value.errors;
    problem.value = { message: noInput, hint: noInputHint };
    return;
  }
  await trainAll([{ task, options: options.value, name: nameRun(task) }]);
}

/** The training form: task, data, options and the start button. */
export function TrainForm() {
  const { train } = words.value;
  const isTraining = current.value?.status === "training" || current.value?.status === "paused";
  return (
    <form
      class="card form"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <fieldset>
        <legend>{train.task}</legend>
        <div class="tasks">
          {kinds.map((kind) => (
            <label key={kind} class="task">
              <input
                type="radio"
                name="task"
                value={kind}
                checked={taskKind.value === kind}
                onChange={() => {
                  taskKind.value = kind;
                }}
              />
              <span class="name">{train.tasks[kind].name}</span>
              <span class="example">{train.tasks[kind].example}</span>
            </label>
          ))}
        </div>
        <TaskData />
      </fieldset>
      <fieldset>
        <legend>{train.model}</legend>
        <div class="fields">
          {fields.value.first.map((field) => (
            <Field key={field.name} field={field} />
          ))}
        </div>
        <More />
      </fieldset>
      <button type="submit" class="main" disabled={engine.value.state !== "ready" || !forms.value || isPreparing.value}>
        {isPreparing.value ? train.preparing : isTraining ? train.startAnother : train.start}
      </button>
      {isTraining && <p class="hint">{train.again}</p>}
    </form>
  );
}

function More() {
  const { train } = words.value;
  const { more } = fields.value;
  return (
    <details
      onInvalidCapture={({ currentTarget }) => {
        currentTarget.open = true; // an invalid field must be visible
      }}
    >
      <summary>{train.more}</summary>
      {(["model", "text", "training"] as const).map((group) => {
        const members = more.filter((field) => groupOf(field) === group);
        return members.length === 0 ? null : (
          <fieldset key={group}>
            <legend>{train.groups[group]}</legend>
            <div class="fields">
              {members.map((field) => (
                <Field key={field.name} field={field} />
              ))}
            </div>
          </fieldset>
        );
      })}
    </details>
  );
}
