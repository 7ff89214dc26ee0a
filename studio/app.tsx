import type { ComponentType } from "preact";
import { AskPanel } from "./panels/ask.js";
import { ComparePanel } from "./panels/compare.js";
import { FilesPanel } from "./panels/files.js";
import { HowPanel } from "./panels/how.js";
import { InsidePanel } from "./panels/inside.js";
import { TrainPanel } from "./panels/train.js";
import { engine, panel, problem } from "./state/store.js";
import { chooseLanguage, language, languages, words } from "./words/language.js";
import { type PanelName, panelNames } from "./words/words.js";

const panels: Readonly<Record<PanelName, ComponentType>> = {
  train: TrainPanel,
  compare: ComparePanel,
  inside: InsidePanel,
  ask: AskPanel,
  files: FilesPanel,
  how: HowPanel,
};

export function App() {
  const { title, lead, skipToContent, panels: names } = words.value;
  const Panel = panels[panel.value];
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("content")?.focus()}>
        {skipToContent}
      </button>
      <header class="page-head">
        <div>
          <h1>{title}</h1>
          <p class="hint">{lead}</p>
        </div>
        <div class="page-tools">
          <EngineState />
          <LanguageSwitch />
        </div>
      </header>
      <nav aria-label={title}>
        {panelNames.map((name) => (
          <a key={name} href={`#${name}`} aria-current={panel.value === name ? "page" : undefined}>
            {names[name]}
          </a>
        ))}
      </nav>
      <main id="content" tabIndex={-1}>
        <Messages />
        <Panel />
      </main>
    </>
  );
}

function EngineState() {
  const { engine: says } = words.value;
  const { value } = engine;
  if (value.state === "starting") return <span class="hint">{says.starting}</span>;
  if (value.state === "broken") return null;
  return <span class="hint">{value.threads > 1 ? says.threads(value.threads) : says.alone}</span>;
}

function LanguageSwitch() {
  return (
    <select
      aria-label={words.value.language}
      value={language.value}
      onChange={({ currentTarget }) => chooseLanguage(currentTarget.value)}
    >
      {Object.entries(languages).map(([code, { name }]) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Messages() {
  const { engine: says } = words.value;
  const { value } = engine;
  return (
    <div role="alert">
      {value.state === "broken" && (
        <p class="problem">
          <b>{says.broken}.</b> {value.problem.message} <span class="hint">{says.brokenHint}</span>
        </p>
      )}
      {problem.value && (
        <p class="problem">
          {problem.value.message} {problem.value.hint && <span class="hint">{problem.value.hint}</span>}
          <button
            type="button"
            class="quiet"
            aria-label="×"
            onClick={() => {
              problem.value = undefined;
            }}
          >
            ×
          </button>
        </p>
      )}
    </div>
  );
}
