import type { AttentionMap, Prediction } from "../decode/predict.js";
import { escapeHtml, renderPage } from "../report/page.js";
import { reportStyle } from "../report/style.js";
import { attentionStyle } from "./attention-style.js";
import { showTips } from "./attention-tips.js";
import { grouped, percent } from "./output.js";

/** An answer with its attention weights. */
export type MappedPrediction = Prediction & { readonly attention: AttentionMap };

/** Maximum number of cells on a page, about 30 MB: browsers handle no more, and one text of 10,000 tokens exceeds it. */
const CELLS = 1_000_000;

/**
 * The page that shows each answer's attention weights over its source.
 * @param place the unit of a source
 */
export function renderAttention(
  title: string,
  predictions: readonly MappedPrediction[],
  place = "token of the text",
): string {
  const legend = `<p class="legend">Each row is a token of the answer. It shows, in percent, the attention weight of each
${place}. <span class="scale" aria-hidden="true">0<i></i>100</span></p>`;
  let room = CELLS;
  const sections = predictions.map((prediction) => {
    const { source, target } = prediction.attention;
    const size = source.length * target.length;
    if (size > room) return section(prediction, tooLarge(source.length, target.length));
    room -= size;
    return section(prediction, mapTable(prediction.attention));
  });
  return renderPage({
    title,
    style: reportStyle + attentionStyle,
    header: legend,
    main: sections.join("\n"),
    end: `<output id="tip" hidden></output>
<script>
(${showTips})();
</script>`,
  });
}

function section({ input, output, score }: MappedPrediction, map: string): string {
  return `<section class="map">
<h2 dir="auto">${escapeHtml(input)}</h2>
<p class="answer" dir="auto">${escapeHtml(output)}</p>
<p class="score">${likelihood(score)}</p>
${map}
</section>`;
}

const tooLarge = (S: number, T: number): string =>
  `<p class="left-out">The map of ${grouped(T)} rows and ${grouped(S)} columns is left out: the page is limited to ${grouped(CELLS)} cells.</p>`;

function mapTable({ source, target, weights }: AttentionMap): string {
  const rows = target.map((token, t) => {
    const cells = Array.from(weights[t] ?? [], cell).join("");
    return `<tr><th scope="row">${tokenHtml(token)}</th>${cells}</tr>`;
  });
  return `<div class="scroll" tabindex="0" role="group" aria-label="attention">
<table class="${orientation(source)}">
<thead><tr><td></td>${source.map((token) => `<th scope="col"><span>${tokenHtml(token)}</span></th>`).join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
</div>`;
}

/** One cell, shaded by its weight; weights below half a percent have no number. */
function cell(weight: number): string {
  const rounded = Math.round(100 * weight);
  return rounded === 0 ? "<td></td>" : `<td style="--w:${rounded}">${rounded}</td>`;
}

/** The score, with its probability unless that is below 0.1 %. */
export function likelihood(score: number): string {
  const probability = Math.exp(score);
  const words = probability < 0.001 ? "" : `, a probability of ${percent(probability)}`;
  return `score ${score.toFixed(3).replace("-", "−")}${words}`;
}

/** Chooses the direction of column heads: horizontal for short tokens, else vertical; upright in scripts that can be. */
function orientation(tokens: readonly string[]): "short" | "upright" | "upwards" {
  if (tokens.every((token) => [...token].length <= 2)) return "short";
  const isUpright = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(tokens.join(""));
  return isUpright ? "upright" : "upwards";
}

/** A token as HTML, with visible signs for white space and control characters. */
function tokenHtml(token: string): string {
  const shown = escapeHtml(token)
    .replaceAll(" ", "<i>·</i>")
    .replaceAll("\n", "<i>↵</i>")
    .replace(/\p{Cc}/gu, "<i>�</i>");
  return `<bdi>${shown}</bdi>`;
}
