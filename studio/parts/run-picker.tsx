import { useId } from "preact/hooks";
import type { RunRecord } from "../messages.js";
import { choose, current, runList } from "../state/store.js";
import { words } from "../words/language.js";

/** Selects the run of a panel; its children are rendered only if there is a run. */
export function RunPicker({ children }: { children: (run: RunRecord) => preact.ComponentChildren }) {
  const id = useId();
  const { pick, status } = words.value;
  const run = current.value;
  if (!run) return <p class="empty">{pick.none}</p>;
  return (
    <>
      <div class="picker">
        <label for={id}>{pick.label}</label>
        <select id={id} value={run.id} onChange={({ currentTarget }) => choose(currentTarget.value)}>
          {runList.value.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name} ({status[each.status]})
            </option>
          ))}
        </select>
      </div>
      {children(run)}
    </>
  );
}
