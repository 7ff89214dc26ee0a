import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { PlotSource } from "../report/report.js";

/** The installed uPlot, to be put into a report. */
export function readPlotSource(): PlotSource {
  return {
    style: read("dist/uPlot.min.css"),
    script: read("dist/uPlot.iife.min.js"),
    license: read("LICENSE"),
  };
}

function read(path: string): string {
  return readFileSync(createRequire(import.meta.url).resolve(`uplot/${path}`), "utf8");
}
