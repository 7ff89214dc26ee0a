import { escapeHtml, renderPage } from "../report/page.js";
import { reportStyle } from "../report/style.js";
import { gridOf } from "../tasks/captions/caption-codec.js";
import { likelihood, type MappedPrediction } from "./attention-page.js";
import { looksStyle } from "./looks-style.js";

/** A caption with its attention weights and the picture's URI. */
export interface SeenPicture extends MappedPrediction {
  readonly picture: string;
}

/** The page that shows each caption's attention weights over the picture, word by word. */
export function renderLooks(title: string, seen: readonly SeenPicture[]): string {
  return renderPage({
    title,
    style: `${reportStyle}${looksStyle}${seen.map(({ picture }, i) => `.p${i}{background-image:url(${picture})}`).join("\n")}`,
    header: `<p class="legend">The brighter a region of the picture, the larger the word's attention weight.</p>`,
    main: seen.map(section).join("\n"),
    end: "",
  });
}

function section({ input, output, score, attention }: SeenPicture, i: number): string {
  const words = attention.target.map((word, t) => tile(word, attention.weights[t] ?? new Float32Array(), i));
  return `<section class="look">
<div class="whole p${i}" role="img" aria-label="${escapeHtml(input)}"></div>
<div>
<h2 dir="auto">${escapeHtml(output)}</h2>
<p class="score">${escapeHtml(input)}, ${likelihood(score)}</p>
<ol class="words">
${words.join("\n")}
</ol>
</div>
</section>`;
}

/** The picture under a veil that is more transparent where the word's weights are larger. */
function tile(word: string, weights: Float32Array, i: number): string {
  const { columns } = gridOf({ height: 1, width: 1 }, weights.length);
  const most = Math.max(...weights);
  const cells = Array.from(weights, (weight) => {
    const veil = Math.round(100 * (1 - weight / most));
    return `<i style="--veil:${veil}%" title="${Math.round(100 * weight)} %"></i>`;
  });
  return `<li><div class="tile p${i}" style="--columns:${columns}">${cells.join("")}</div><bdi>${escapeHtml(word.trim())}</bdi></li>`;
}
