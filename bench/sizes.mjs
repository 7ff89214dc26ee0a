// What a browser loads: the studio's first visit, and a page that loads a model and generates. Build first.
//
//     node bench/sizes.mjs
//
// Compressed as a server would: gzip -9; brotli 11 is what a static host with precompressed files sends.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "vite";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));

const readAll = (folder, isWanted) =>
  readdirSync(folder, { recursive: true })
    .filter(isWanted)
    .map((name) => readFileSync(join(folder, name)));

/** The bundle of a page that opens WebAssembly, restores a model and lets it write or answer. */
async function bundleLibrary() {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-sizes-"));
  const names = "generate, openWasm, predict, readModel, restoreModel, Sampler";
  writeFileSync(join(folder, "page.js"), `export { ${names} } from ${JSON.stringify(join(dist, "index.js"))};\n`);
  const output = await build({
    root: folder,
    logLevel: "error",
    build: {
      write: false,
      target: "es2023",
      modulePreload: false,
      rolldownOptions: { input: join(folder, "page.js"), preserveEntrySignatures: "strict" },
    },
  });
  rmSync(folder, { recursive: true });
  return [output].flat().flatMap((part) => part.output.map(({ code }) => Buffer.from(code)));
}

const kernels = readFileSync(join(dist, "kernels/kernels.wasm"));
/** The report of a run carries uPlot once more, as text: it is loaded when a report is asked for. */
const isLater = (name) => name.includes("run-report");
const studio = [".js", ".wasm"].flatMap((ending) =>
  readAll(join(dist, "studio"), (name) => name.endsWith(ending) && !isLater(name)),
);
const rows = [
  { what: "the studio's first load, JavaScript and WebAssembly", files: studio, most: 180 },
  { what: "the library's bundle to load a model and generate", files: await bundleLibrary(), most: 40 },
  { what: "kernels.wasm", files: [kernels], most: 60 },
];
const sum = (files, compress) => files.reduce((total, file) => total + compress(file).length, 0) / 1024;
console.log("| what | gzip, KiB | brotli, KiB | at most, KiB |\n| --- | ---: | ---: | ---: |");
for (const { what, files, most } of rows) {
  const [gzip, brotli] = [
    sum(files, (file) => gzipSync(file, { level: 9 })),
    sum(files, (file) => brotliCompressSync(file)),
  ];
  console.log(`| ${what} | ${gzip.toFixed(1)} | ${brotli.toFixed(1)} | ${most} |`);
  if (gzip > most) process.exitCode = 1;
}
