import type { ModelKind, RunRecord } from "../messages.js";
import { download, fileNameOf } from "../parts/download.js";
import { Drop } from "../parts/drop.js";
import { RunPicker } from "../parts/run-picker.js";
import { attempt, choose } from "../state/store.js";
import { words } from "../words/language.js";
import { Share } from "./share.js";

/** Maximum size of a model file, above the memory limit of a model in a browser. */
const MOST_BYTES = 2 ** 30;

/** The panel that saves and opens model files. */
export function FilesPanel() {
  const { files } = words.value;
  return (
    <>
      <section class="card">
        <h2>{files.open}</h2>
        <p class="hint">{files.openHint}</p>
        <Drop accept=".safetensors" most={MOST_BYTES} label={files.open} onFile={(file) => void open(file)} />
      </section>
      <RunPicker>
        {(run) => (
          <>
            <Save run={run} />
            <Share run={run} />
          </>
        )}
      </RunPicker>
    </>
  );
}

async function open(file: { name: string; bytes: Uint8Array }): Promise<void> {
  const run = await attempt("open", file);
  if (run !== undefined) choose(run);
}

const commands: Readonly<Record<ModelKind, (file: string) => string>> = {
  pairs: (file) => `predict ${file}`,
  text: (file) => `generate ${file}`,
  captions: (file) => `predict ${file} picture.png`,
};

function Save({ run }: { run: RunRecord }) {
  const { files, figures } = words.value;
  const name = fileNameOf(run, "safetensors");
  return (
    <section class="card">
      <h2>{files.title}</h2>
      <p>{figures.parameters(run.parameters)}</p>
      <p class="hint">{files.saveHint}</p>
      <p>
        <button type="button" class="main" onClick={() => void save(run)}>
          {files.save}
        </button>
      </p>
      <h3>{files.command}</h3>
      <pre class="command">{`npx seqloom ${commands[run.kind](name)}`}</pre>
    </section>
  );
}

async function save(run: RunRecord): Promise<void> {
  const bytes = await attempt("save", { run: run.id });
  if (bytes) download(fileNameOf(run, "safetensors"), new Uint8Array(bytes), "application/octet-stream");
}
