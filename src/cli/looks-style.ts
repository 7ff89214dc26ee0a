/** The style of the page of pictures, in addition to the report's. */
export const looksStyle = `
body { max-width: 90rem; }
.legend { margin-top: 1rem; color: var(--muted); }
.look { display: grid; grid-template-columns: 9rem 1fr; gap: 0 2rem; }
.look h2 { font-size: 1.125rem; }
.score { color: var(--muted); font-size: .8125rem; overflow-wrap: anywhere; }
.whole, .tile { background-size: 100% 100%; border-radius: 4px; overflow: hidden; }
.whole { width: 9rem; height: 9rem; }
.words { display: flex; flex-wrap: wrap; gap: .75rem .5rem; margin: .75rem 0 0; padding: 0; list-style: none; }
.words li { display: grid; justify-items: center; gap: .125rem; font-size: .875rem; }
.tile { display: grid; width: 6rem; height: 6rem; grid-template-columns: repeat(var(--columns), 1fr); }
.tile i { background: color-mix(in srgb, #0d1117 calc(var(--veil) * .82), transparent); }
@media (max-width: 40rem) { .look { grid-template-columns: 1fr; gap: .75rem; } }
`;
