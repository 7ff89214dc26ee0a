import { useId, useRef } from "preact/hooks";
import type { RunRecord } from "../messages.js";
import { download, fileNameOf } from "../parts/download.js";
import { fieldsOf } from "../state/form.js";
import { type Configuration, configurationOf, linkTo } from "../state/link.js";
import { problem, problemOf } from "../state/store.js";
import { words } from "../words/language.js";

/** A run's report and a link to its configuration. An opened model has neither. */
export function Share({ run }: { run: RunRecord }) {
  const { files } = words.value;
  const configuration = run.task.kind === "file" ? undefined : configurationOf(run, fieldsOf(run.task.kind));
  if (!configuration) return null;
  return (
    <>
      <section class="card">
        <h2>{files.report}</h2>
        <p class="hint">{files.reportHint}</p>
        <p>
          <button type="button" class="main" onClick={() => void saveReport(run, configuration)}>
            {files.saveReport}
          </button>
        </p>
      </section>
      <Link link={linkTo(configuration)} />
    </>
  );
}

function Link({ link }: { link: string }) {
  const id = useId();
  const place = useRef<HTMLInputElement>(null);
  const { files } = words.value;
  return (
    <section class="card">
      <h2>{files.link}</h2>
      <p class="hint">{files.linkHint}</p>
      <div class="row link-row">
        <label class="away" for={id}>
          {files.link}
        </label>
        <input id={id} ref={place} name="link" type="text" readOnly value={link} />
        <button
          type="button"
          class="quiet"
          onClick={() => {
            place.current?.select(); // without clipboard access, the person can copy the selection
            void navigator.clipboard?.writeText(link).catch(() => {});
          }}
        >
          {files.copy}
        </button>
      </div>
    </section>
  );
}

async function saveReport(run: RunRecord, configuration: Configuration): Promise<void> {
  try {
    const { reportRun } = await import("../state/run-report.js");
    download(fileNameOf(run, "html"), reportRun(run, configuration), "text/html");
  } catch (error) {
    problem.value = problemOf(error);
  }
}
