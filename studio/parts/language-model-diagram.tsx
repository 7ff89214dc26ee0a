import { words } from "../words/language.js";
import { type Architecture, layersShown } from "./architecture.js";
import { Arrow, Back, BOX, Box, Diagram, layout, Token, Up } from "./diagram.js";
import { Column, Steps } from "./seq2seq-diagram.js";

const xs = [48, 140, 232, 324] as const;
/** Probabilities of the four bars. */
const chances = [13, 6, 3, 1] as const;

/** A diagram of a language model: each token leads to a distribution over the next. */
export function LanguageModelDiagram({
  architecture,
  description,
}: {
  architecture: Architecture;
  description: string;
}) {
  const { how } = words.value;
  const layers = layersShown(architecture);
  const top = 1 + layers.length;
  const place = layout(372, top + 4);
  const { y } = place;
  return (
    <Diagram layout={place} title={how.diagram} description={description}>
      {xs.map((x, i) => (
        <g key={x}>
          <Column x={x} y={y} top={top} cell={architecture.cell} kind="encoder" token={`x${sub(i + 1)}`} />
          <Box {...{ x, y: y(top + 1), kind: "decoder", children: how.linear }} />
          <Up x={x} from={y(top)} to={y(top + 1)} />
          <Up x={x} from={y(top + 1)} to={y(top + 2)} />
          <Chances x={x} y={y(top + 2) + 8} />
          <Arrow
            points={[
              [x, y(top + 2) - 9],
              [x, y(top + 3) + 12],
            ]}
          />
          <Token {...{ x, y: y(top + 3), isWritten: true, children: `x${sub(i + 2)}` }} />
          {i > 0 && <Back from={xs[i - 1] ?? x} to={x} x={x - BOX.width / 2 - 18} top={y(top + 3)} bottom={y(0)} />}
        </g>
      ))}
      {layers.map((layer) => (
        <Steps key={layer} xs={xs} y={y(2 + layer)} isBidirectional={false} />
      ))}
      <text class="part encoder" x={place.width / 2} y={place.height - 8}>
        {how.inTime}
      </text>
    </Diagram>
  );
}

function Chances({ x, y }: { x: number; y: number }) {
  return (
    <g class="chances-of">
      {chances.map((height, i) => (
        <rect key={height} x={x - 15 + 8 * i} y={y - height} width="6" height={height} rx="1" />
      ))}
    </g>
  );
}

export function sub(n: number): string {
  return "₀₁₂₃₄₅₆₇₈₉"[n] ?? String(n);
}
