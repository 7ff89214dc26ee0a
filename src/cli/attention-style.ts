/** The style of the attention page, in addition to the report's. Numbers meet AA contrast on every shade. */
export const attentionStyle = `
:root { --heat: #3d8fd1; --empty: #f5f6f8; --number: #000; }
@media screen and (prefers-color-scheme: dark) {
  :root { --heat: #1d6aa8; --empty: #1c1f23; --number: #fff; }
}
body { max-width: 110rem; }
.legend { margin-top: 1rem; color: var(--muted); max-width: 46rem; }
.scale { white-space: nowrap; }
.scale i { display: inline-block; width: 6rem; height: .75em; margin: 0 .5em; border-radius: 2px; vertical-align: -.05em;
  background: linear-gradient(to right, var(--empty), var(--heat)); }
main { display: flex; flex-wrap: wrap; gap: 0 4rem; }
.map { max-width: 100%; }
.map h2, .answer { font-size: 1.125rem; line-height: 1.4; overflow-wrap: anywhere; white-space: pre-wrap; }
.map h2 { font-weight: 400; }
.answer { font-weight: 600; }
.score, .left-out { color: var(--muted); font-size: .8125rem; }
.scroll { overflow-x: auto; }
.map table { border-collapse: separate; border-spacing: 1px; margin-top: .75rem; font: .9375rem/1.2 inherit; }
.map tbody { font: inherit; }
.map tbody tr:first-child td { padding: 0; }
.map tbody td { min-width: 2rem; height: 2rem; padding: 0; border-radius: 2px; text-align: center; vertical-align: middle;
  font-size: .75rem; color: var(--number); background: color-mix(in oklab, var(--heat) calc(var(--w, 0) * 1%), var(--empty)); }
.map th { font-weight: 400; white-space: pre; }
.map thead th { padding: 0 0 .375rem; border: 0; color: inherit; font-size: inherit; text-align: center; vertical-align: bottom; }
.map tbody th { position: sticky; left: 0; padding: 0 .625rem 0 .25rem; background: var(--paper); text-align: right; }
.map th i { color: var(--muted); font-style: normal; opacity: .6; }
.upwards thead span, .upright thead span { display: inline-block; writing-mode: vertical-rl; max-height: 10rem; overflow: hidden; text-overflow: ellipsis; }
.upwards thead span { transform: rotate(180deg); }
.map tr:hover th, .map th.at { font-weight: 600; }
#tip { position: fixed; z-index: 1; padding: .25rem .5rem; border: 1px solid var(--rule); border-radius: 4px; background: var(--paper);
  box-shadow: 0 2px 8px #0003; font-size: .875rem; white-space: pre; pointer-events: none; }
@media (max-width: 40rem) {
  .map tbody td { min-width: 1.625rem; height: 1.625rem; font-size: .6875rem; }
  .map tbody th { max-width: 7rem; overflow: hidden; text-overflow: ellipsis; }
}
`;
