import { words } from "../words/language.js";
import { type Architecture, layersShown } from "./architecture.js";
import { Across, Arrow, Back, BOX, Box, Diagram, layout, Token, Up } from "./diagram.js";

const reads = [36, 102, 168] as const;
const writes = [284, 352] as const;
const GAP = 206;

interface Example {
  readonly source: readonly string[];
  /** Target tokens, beginning with the start token. */
  readonly target: readonly string[];
}

/** A diagram of the encoder, the decoder and the path of h. */
export function Seq2SeqDiagram({
  architecture,
  example,
  description,
}: {
  architecture: Architecture;
  example: Example;
  description: string;
}) {
  const { how } = words.value;
  const layers = layersShown(architecture);
  const looks = architecture.decoder === "attention";
  const top = 1 + layers.length;
  const linear = top + (looks ? 2 : 1);
  const place = layout(392, linear + 2);
  const { y } = place;
  const source = architecture.isReversed ? [...example.source].reverse() : example.source;
  const h = architecture.passesCell ? "h, c" : "h";
  return (
    <Diagram layout={place} title={how.diagram} description={description}>
      {architecture.decoder === "peeky" && <Peek y={y} top={top} />}
      {looks && <Looks y={y} top={top} />}
      {reads.map((x, i) => (
        <g key={x}>
          <Column x={x} y={y} top={top} cell={architecture.cell} kind="encoder" token={source[i] ?? ""} />
        </g>
      ))}
      {writes.map((x, i) => (
        <g key={x}>
          <Column x={x} y={y} top={top} cell={architecture.cell} kind="decoder" token={example.target[i] ?? ""} />
          {looks && <Box {...{ x, y: y(top + 1), kind: "seen", children: how.attentionBox }} />}
          {looks && <Up x={x} from={y(top)} to={y(top + 1)} />}
          <Box {...{ x, y: y(linear), kind: "decoder", children: how.linear }} />
          <Up x={x} from={y(linear - 1)} to={y(linear)} />
          <Up x={x} from={y(linear)} to={y(linear + 1)} />
          <Token {...{ x, y: y(linear + 1), isWritten: true, children: example.target[i + 1] ?? "" }} />
        </g>
      ))}
      {layers.map((layer) => (
        <g key={layer}>
          <Steps xs={reads} y={y(2 + layer)} isBidirectional={architecture.isBidirectional} />
          <Steps xs={writes} y={y(2 + layer)} isBidirectional={false} />
          <Across from={reads[2]} to={writes[0]} y={y(2 + layer)} kind="encoder" />
          <text class="state" x={(reads[2] + writes[0]) / 2 + 6} y={y(2 + layer) - 9}>
            {h}
          </text>
        </g>
      ))}
      {architecture.feeds && <Feed y={y} top={top} />}
      <Back from={writes[0]} to={writes[1]} x={GAP + 110} top={y(linear + 1)} bottom={y(0)} />
      <text class="part encoder" x={reads[1]} y={place.height - 8}>
        {architecture.isReversed ? how.encoderReversed : how.encoder}
      </text>
      <text class="part decoder" x={(writes[0] + writes[1]) / 2} y={place.height - 8}>
        {how.decoder}
      </text>
    </Diagram>
  );
}

type Rows = (row: number) => number;

interface ColumnProps {
  readonly x: number;
  readonly y: Rows;
  /** Row of the last layer. */
  readonly top: number;
  readonly cell: string;
  readonly kind: "encoder" | "decoder";
  readonly token: string;
}

/** One time step: a token, its embedding and the layers. */
export function Column({ x, y, top, cell, kind, token }: ColumnProps) {
  const rows = Array.from({ length: top }, (_, i) => i + 1);
  return (
    <>
      <Token x={x} y={y(0)}>
        {token}
      </Token>
      {rows.map((row) => (
        <g key={row}>
          <Box {...{ x, y: y(row), kind, children: row === 1 ? words.value.how.embedding : cell }} />
          <Up x={x} from={y(row - 1)} to={y(row)} />
        </g>
      ))}
    </>
  );
}

/** Arrows for the state that a layer passes from step to step, in both directions if it is bidirectional. */
export function Steps({ xs, y, isBidirectional }: { xs: readonly number[]; y: number; isBidirectional: boolean }) {
  const off = isBidirectional ? 6 : 0;
  return (
    <>
      {xs.slice(1).map((x, i) => (
        <g key={x}>
          <Across from={xs[i] ?? x} to={x} y={y - off} />
          {isBidirectional && <Across from={x} to={xs[i] ?? x} y={y + off} />}
        </g>
      ))}
    </>
  );
}

/** Arrows from the encoder's final state to every step: to the first layer and the linear layer. */
function Peek({ y, top }: { y: Rows; top: number }) {
  const [low, high] = [y(1) - 22, y(top) - 22];
  const half = BOX.height / 2;
  return (
    <>
      <Arrow
        kind="seen"
        points={[
          [GAP, low],
          [GAP, high],
        ]}
        isHeadless
      />
      {writes.map((x) => (
        <g key={x}>
          <Arrow
            kind="seen"
            points={[
              [GAP, low],
              [x - 14, low],
              [x - 14, y(2) + half],
            ]}
          />
          <Arrow
            kind="seen"
            points={[
              [GAP, high],
              [x - 14, high],
              [x - 14, y(top + 1) + half],
            ]}
          />
        </g>
      ))}
      <circle class="joint" cx={GAP} cy={y(top)} r="3" />
    </>
  );
}

/** Arrows from all outputs of the encoder's last layer to every step. */
function Looks({ y, top }: { y: Rows; top: number }) {
  const bus = y(top + 1) - 22;
  const half = BOX.height / 2;
  return (
    <>
      {reads.map((x) => (
        <Arrow
          key={x}
          kind="seen"
          points={[
            [x, y(top) - half],
            [x, bus],
          ]}
          isHeadless
        />
      ))}
      {writes.map((x) => (
        <Arrow
          key={x}
          kind="seen"
          points={[
            [reads[0], bus],
            [x - 14, bus],
            [x - 14, y(top + 1) - half],
          ]}
        />
      ))}
    </>
  );
}

/** Arrows for input feeding: the attentional hidden state goes to the next step. */
function Feed({ y, top }: { y: Rows; top: number }) {
  const [from, to] = writes;
  const x = GAP + 119;
  const low = y(1) - 22;
  const start = [from + BOX.width / 2, y(top + 1)] as const;
  return (
    <Arrow kind="seen" points={[start, [x, start[1]], [x, low], [to - 14, low], [to - 14, y(2) + BOX.height / 2]]} />
  );
}
