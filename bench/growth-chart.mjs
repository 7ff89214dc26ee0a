// Small charts side by side: what was measured, and dashed what the arithmetic says, both as multiples of the first.

const [WIDTH, HEIGHT, GAP, LEFT, TOP] = [150, 190, 34, 66, 84];
const INK = { text: "#1f2933", muted: "#6b7785", grid: "#e3e8ee", measured: "#1f6fb2", arithmetic: "#c05621" };

const rows = [
  { title: "time", measured: "ms", arithmetic: "flops" },
  { title: "memory", measured: "bytes", arithmetic: "floats" },
];
const names = { N: "batch N", T: "time T", H: "hidden H", V: "vocabulary V", layers: "layers" };

/** @param {{ letter: string, points: { size: number, ms: number, bytes: number, flops: number, floats: number }[] }[]} series */
export function drawGrowth(engine, series) {
  const width = LEFT + series.length * (WIDTH + GAP);
  const height = TOP + rows.length * (HEIGHT + GAP);
  const left = (column) => LEFT + column * (WIDTH + GAP);
  const top = (r) => TOP + r * (HEIGHT + GAP);
  const heads = series.map(({ letter }, column) =>
    text(left(column) + WIDTH / 2, TOP - 12, names[letter], 'text-anchor="middle" font-weight="600"'),
  );
  const titles = rows.map(({ title }, r) => {
    const y = top(r) + HEIGHT / 2;
    return text(18, y, title, `text-anchor="middle" font-weight="600" transform="rotate(-90 18 ${y})"`);
  });
  const panels = rows.flatMap((row, r) => {
    const octaves = octavesOf(row, series);
    return series.map(({ letter, points }, column) => {
      const axis = column === 0 ? labels(octaves) : [];
      const parts = [...axis, ...panel(row, letter, points, octaves)];
      return `<g transform="translate(${left(column)} ${top(r)})">${parts.join("")}</g>`;
    });
  });
  const title = "A training step as its sizes double";
  const look = `font-family="system-ui, sans-serif" font-size="12" fill="${INK.text}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}" ${look}>
<title>${title}</title>
<rect width="100%" height="100%" fill="#fff"/>
${text(LEFT, 26, title, 'font-size="16" font-weight="600"')}
${text(LEFT, 46, `as multiples of the first size; ${engine}`, `fill="${INK.muted}"`)}
${legend(width - GAP - 240)}
${[...heads, ...titles, ...panels].join("\n")}
</svg>
`;
}

const heightOf = (multiple, octaves) => (HEIGHT * (1 - Math.log2(multiple) / octaves)).toFixed(1);

/** How often the first value must be doubled to reach the largest of a row. */
function octavesOf({ measured, arithmetic }, series) {
  const all = series.flatMap(({ points }) => [...multiples(points, measured), ...multiples(points, arithmetic)]);
  return Math.ceil(Math.log2(Math.max(...all)));
}

function labels(octaves) {
  return Array.from({ length: octaves + 1 }, (_, i) =>
    text(-7, Number(heightOf(2 ** i, octaves)) + 4, `${2 ** i}×`, `text-anchor="end" fill="${INK.muted}"`),
  );
}

function panel({ measured, arithmetic }, letter, points, octaves) {
  const x = (i) => ((i / (points.length - 1)) * WIDTH).toFixed(1);
  const placesOf = (key) => multiples(points, key).map((multiple, i) => `${x(i)} ${heightOf(multiple, octaves)}`);
  const line = (key, attributes) =>
    `<path d="M${placesOf(key).join("L")}" fill="none" stroke-width="2" ${attributes}/>`;
  const grid = Array.from(
    { length: octaves + 1 },
    (_, i) => `<path d="M0 ${heightOf(2 ** i, octaves)}H${WIDTH}" stroke="${INK.grid}"/>`,
  );
  const small = `text-anchor="middle" fill="${INK.muted}" font-size="11"`;
  const sizes = points.map(({ size }, i) => text(x(i), HEIGHT + 17, short(size), small));
  const dots = multiples(points, measured).map((multiple, i) => {
    const title = `<title>${letter} ${points[i].size}: ${multiple.toFixed(2)}×</title>`;
    return `<circle cx="${x(i)}" cy="${heightOf(multiple, octaves)}" r="3.5" fill="${INK.measured}">${title}</circle>`;
  });
  const lines = [
    line(measured, `stroke="${INK.measured}"`),
    line(arithmetic, `stroke="${INK.arithmetic}" stroke-dasharray="5 4"`),
  ];
  return [...grid, ...sizes, ...lines, ...dots];
}

function multiples(points, key) {
  return points.map((point) => Math.max(1, point[key] / points[0][key]));
}

function legend(x) {
  const line = (from, attributes) => `<path d="M${from} 22h26" stroke-width="2" ${attributes}/>`;
  return [
    line(x, `stroke="${INK.measured}"`),
    `<circle cx="${x + 13}" cy="22" r="3.5" fill="${INK.measured}"/>`,
    text(x + 33, 26, "measured"),
    line(x + 112, `stroke="${INK.arithmetic}" stroke-dasharray="5 4"`),
    text(x + 145, 26, "the arithmetic"),
  ].join("");
}

/** 2k for 2000 as for 2048. */
function short(size) {
  if (size < 1000) return String(size);
  return `${size % 1024 === 0 ? size / 1024 : size / 1000}k`;
}

function text(x, y, words, attributes = "") {
  return `<text x="${x}" y="${y}" ${attributes}>${words}</text>`;
}
