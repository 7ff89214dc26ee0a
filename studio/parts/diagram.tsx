import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** Building blocks of model diagrams. Rows are counted from the bottom, where the input tokens are. */
export const BOX = { width: 56, height: 26 };
/** Distance between rows. */
const STEP = 44;
const BELOW = 38;

type Kind = "encoder" | "decoder" | "seen";

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** The centre of a row. */
  readonly y: (row: number) => number;
}

export function layout(width: number, rows: number): Layout {
  const height = STEP * (rows - 1) + BELOW + 20;
  return { width, height, y: (row) => height - BELOW - STEP * row };
}

interface DiagramProps {
  readonly layout: Layout;
  readonly title: string;
  readonly description: string;
  readonly children: ComponentChildren;
}

export function Diagram({ layout: { width, height }, title, description, children }: DiagramProps) {
  const id = useId();
  return (
    <svg
      class="diagram"
      viewBox={`0 0 ${width} ${height}`}
      style={{ "--width": `${1.5 * width}px` }}
      role="img"
      aria-labelledby={`${id}-title ${id}-desc`}
    >
      <title id={`${id}-title`}>{title}</title>
      <desc id={`${id}-desc`}>{description}</desc>
      {children}
    </svg>
  );
}

export function Box({ x, y, kind, children }: { x: number; y: number; kind: Kind; children: string }) {
  const { width, height } = BOX;
  return (
    <g class={`box ${kind}`}>
      <rect x={x - width / 2} y={y - height / 2} width={width} height={height} rx="6" />
      <text x={x} y={y}>
        {children}
      </text>
    </g>
  );
}

export function Token({
  x,
  y,
  isWritten = false,
  children,
}: {
  x: number;
  y: number;
  isWritten?: boolean;
  children: string;
}) {
  return (
    <text class={isWritten ? "token-of written-now" : "token-of"} x={x} y={y}>
      {children}
    </text>
  );
}

type Point = readonly [x: number, y: number];

/** A line through some points, with an arrowhead at its end. */
export function Arrow({
  points,
  kind,
  isHeadless = false,
}: {
  points: readonly Point[];
  kind?: Kind | "back";
  isHeadless?: boolean;
}) {
  return (
    <g class={`arrow ${kind ?? ""}`}>
      <polyline points={points.join(" ")} />
      {!isHeadless && <Head points={points} />}
    </g>
  );
}

function Head({ points }: { points: readonly Point[] }) {
  const [[x0, y0], [x, y]] = [points.at(-2) ?? [0, 0], points.at(-1) ?? [0, 0]];
  const angle = (Math.atan2(y - y0, x - x0) * 180) / Math.PI;
  return <path d="M0 0 L-6 -3.2 L-6 3.2 Z" transform={`translate(${x} ${y}) rotate(${angle})`} />;
}

/** An arrow from the top of a box to the bottom of the one above. */
export function Up({ x, from, to }: { x: number; from: number; to: number }) {
  return (
    <Arrow
      points={[
        [x, from - BOX.height / 2],
        [x, to + BOX.height / 2],
      ]}
    />
  );
}

/** An arrow between two boxes in one row. */
export function Across({ from, to, y, kind }: { from: number; to: number; y: number; kind?: Kind }) {
  const half = Math.sign(to - from) * (BOX.width / 2);
  return (
    <Arrow
      points={[
        [from + half, y],
        [to - half, y],
      ]}
      {...(kind && { kind })}
    />
  );
}

/** An arrow for the output token that becomes the next input. */
export function Back({
  from,
  to,
  x,
  top,
  bottom,
}: {
  from: number;
  to: number;
  x: number;
  top: number;
  bottom: number;
}) {
  return (
    <Arrow
      kind="back"
      points={[
        [from + 12, top],
        [x, top],
        [x, bottom],
        [to - 14, bottom],
      ]}
    />
  );
}
