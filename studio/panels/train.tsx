import type { RunRecord } from "../messages.js";
import { Chart } from "../parts/chart.js";
import { RunHead } from "../parts/run-head.js";
import { Samples } from "../parts/samples.js";
import { current, engine } from "../state/store.js";
import { words } from "../words/language.js";
import { TrainForm } from "./train-form.js";

/** The training panel: the form, and the progress of the run. */
export function TrainPanel() {
  const run = current.value;
  const isBroken = engine.value.state === "broken";
  return (
    <div class="split">
      <TrainForm />
      <div class="watch" aria-live="off">
        {run && !isBroken ? <Watch run={run} /> : <Nothing />}
      </div>
    </div>
  );
}

function Nothing() {
  const { train } = words.value;
  return (
    <section class="card empty">
      <h2>{train.emptyTitle}</h2>
      <p>{train.empty}</p>
      <p class="hint">{train.local}</p>
    </section>
  );
}

function Watch({ run }: { run: RunRecord }) {
  return (
    <>
      <section class="card">
        <RunHead run={run} />
      </section>
      <div class="charts">
        <LossChart run={run} />
        <ScoreChart run={run} />
      </div>
      <Samples run={run} />
    </>
  );
}

function LossChart({ run }: { run: RunRecord }) {
  const { charts, figures } = words.value;
  const test = {
    name: figures.test,
    colour: 2,
    xs: run.evaluations.map(({ step }) => step),
    ys: run.evaluations.map(({ loss }) => loss),
  };
  const lines = [{ name: figures.training, ...run.losses }, test];
  return (
    <section class="card">
      <Chart title={charts.loss} hint={charts.lossHint} x={charts.step} lines={lines} waiting="…" />
    </section>
  );
}

function ScoreChart({ run }: { run: RunRecord }) {
  const { charts, figures } = words.value;
  const isShare = run.kind !== "text";
  const line = {
    name: isShare ? figures.right : figures.perplexity,
    colour: 3,
    xs: run.evaluations.map(({ epoch }) => epoch),
    ys: run.evaluations.map(({ exactMatch, perplexity }) => exactMatch ?? perplexity),
  };
  const [title, hint] = isShare ? [charts.accuracy, charts.accuracyHint] : [charts.perplexity, charts.perplexityHint];
  return (
    <section class="card">
      <Chart title={title} hint={hint} x={charts.epoch} lines={[line]} isShare={isShare} waiting={charts.waiting} />
    </section>
  );
}
