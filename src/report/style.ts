/** Style sheet of reports. Text has AA contrast; line colours are those of Okabe and Ito, adjusted for contrast. */
export const reportStyle = `
:root {
  --paper: #fff; --ink: #1c1e21; --muted: #5b6169; --rule: #d6d9dd; --grid: #e8eaed;
  --right: #17693a; --wrong: #b3261e;
  --line-1: #0072b2; --line-2: #d55e00; --line-3: #008f68; --line-4: #b0508a; --line-5: #555; --line-6: #8a6d00;
}
@media screen and (prefers-color-scheme: dark) {
  :root:not(.on-paper) {
    --paper: #15171a; --ink: #e8e8e4; --muted: #a5abb3; --rule: #363b42; --grid: #262a2f;
    --right: #6fca90; --wrong: #ff9388;
    --line-1: #56b4e9; --line-2: #ff9040; --line-3: #2cc69a; --line-4: #e59cc9; --line-5: #c4c4c4; --line-6: #e8d44d;
  }
}
* { box-sizing: border-box; }
body {
  max-width: 74rem; margin: 0 auto; padding: clamp(1.25rem, 4vw, 3.5rem) clamp(1rem, 4vw, 3rem);
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums; text-rendering: optimizeLegibility; -webkit-text-size-adjust: 100%;
}
h1 { margin: 0; font-size: clamp(1.5rem, 1.1rem + 1.8vw, 2.25rem); font-weight: 600; line-height: 1.2; letter-spacing: -.015em;
  text-wrap: balance; overflow-wrap: anywhere; }
h2 { margin: 0; font-size: 1.0625rem; font-weight: 600; line-height: 1.3; }
dl, dd, figure, pre, p { margin: 0; }

.summary { display: flex; flex-wrap: wrap; gap: 1rem 3rem; margin-top: 1.5rem; padding: 1rem 0; border-block: 1px solid var(--rule); }
.summary div { display: flex; flex-direction: column-reverse; }
.summary dt { color: var(--muted); font-size: .875rem; }
.summary dd { font-size: 1.625rem; font-weight: 300; line-height: 1.25; }

.charts, .tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 3rem; }
.charts > *, .tables > *, main > section { min-width: 0; margin-top: 2.5rem; }
figure { display: grid; grid-row: span 3; grid-template-rows: subgrid; }

.plot { overflow: hidden; }
.uplot, .u-legend { font-family: inherit; }
.u-legend { margin: .25rem 0 .5rem; font-size: .875rem; text-align: left; color: var(--muted); }
.u-inline tr { margin-right: 1.25rem; }
.u-series > *, .u-series th { padding: 0; font-weight: 400; }
.u-legend .u-series, .u-legend .u-series * { vertical-align: baseline; }
.u-inline.u-live th::after { content: none; }
.u-series .u-value { margin-left: .4em; min-width: 3.2em; color: var(--ink); }
.u-legend .u-series:first-child .u-marker { display: none; }
.u-series:first-child .u-value { min-width: 2em; }
.u-legend .u-series .u-marker { width: 1.75em; height: 0; margin-right: .5em; border-width: 2px 0 0 !important; vertical-align: .3em; }
.u-series:first-child th { cursor: default; }
.u-hz .u-cursor-x, .u-vt .u-cursor-y { border-right: 1px solid var(--muted); }
.u-hz .u-cursor-y, .u-vt .u-cursor-x { display: none; }

table { border-collapse: collapse; }
section table { margin-top: .5rem; }
section tbody { font: .9375rem/1.45 ui-monospace, "SF Mono", "Cascadia Mono", Consolas, "Liberation Mono", monospace; }
thead th { padding: 0 1.75rem .25rem 0; border-bottom: 1px solid var(--rule); color: var(--muted); font-size: .8125rem; font-weight: 400; text-align: left; }
td { padding: .1875rem 1.75rem .1875rem 0; vertical-align: top; white-space: pre-wrap; overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:first-child td { padding-top: .4375rem; }
.mark { margin-right: .125em; font: 1.25em/1 "Segoe UI Symbol", "Apple Symbols", "DejaVu Sans", sans-serif; }
td img { display: block; width: 6rem; height: 6rem; border-radius: 4px; }
.right td:last-child { color: var(--right); }
.wrong td:last-child { color: var(--wrong); }

.grid { overflow-x: auto; }
.grid th, .grid td { padding: .25rem .4rem; border: 1px solid var(--paper); text-align: right; white-space: nowrap; }
.grid th { color: var(--muted); font: .8125rem/1.45 system-ui, sans-serif; }
.grid th:first-child { padding-left: 0; }
.grid th[colspan] { text-align: left; }
.grid tbody td { font-size: .8125rem; background: color-mix(in srgb, var(--line-1) calc(var(--share, 0) * 45%), transparent); }

.text { margin-top: .5rem; font: 1.0625rem/1.6 Charter, "Iowan Old Style", Palatino, Georgia, serif; white-space: pre-wrap; overflow-wrap: anywhere; }
.settings { margin-top: .5rem; font-size: .9375rem; }
.settings div { display: grid; grid-template-columns: minmax(8rem, 2fr) 3fr; gap: 1rem; padding: .1875rem 0; border-bottom: 1px solid var(--grid); }
.settings dt { color: var(--muted); }
.settings dd { overflow-wrap: anywhere; }
.command { margin-top: .5rem; padding-left: 1rem; border-left: 2px solid var(--rule); font: .875rem/1.5 ui-monospace, "SF Mono", "Cascadia Mono", Consolas, "Liberation Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; -webkit-user-select: all; user-select: all; }

@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  .charts, .tables { grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); column-gap: 1.5rem; }
  figure, tr, .settings div, .command { break-inside: avoid; }
  h2 { break-after: avoid; }
}
`;
