import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));
const above = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Gives the service worker the list of the page's files: it caches them, and their names are the version. */
const listFiles: Plugin = {
  name: "list-files",
  generateBundle(_, bundle) {
    const worker = Object.values(bundle).find((part) => part.type === "chunk" && part.name === "service-worker");
    if (worker?.type !== "chunk") return; // the bundle of another worker
    const names = Object.keys(bundle).filter((name) => name !== worker.fileName && !name.endsWith(".html"));
    worker.code = worker.code.replace("__FILES__", JSON.stringify(["./", ...names]));
  },
};

export default defineConfig({
  root,
  base: "./", // works in any folder of any host
  plugins: [listFiles],
  resolve: {
    alias: [
      { find: /^seqloom$/, replacement: above("src/index.ts") },
      { find: /^seqloom\/kernels\.wasm/, replacement: above("dist/kernels/kernels.wasm") },
    ],
  },
  worker: { format: "es" },
  build: {
    outDir: above("dist/studio"),
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: `${root}index.html`, "service-worker": `${root}service-worker/service-worker.ts` },
      output: {
        // A service worker's scope is its own folder.
        entryFileNames: ({ name }) => (name === "service-worker" ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
