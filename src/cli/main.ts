#!/usr/bin/env node
import { runProgram } from "./program.js";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0); // the reader has seen enough
  throw error;
});
process.stderr.on("error", () => {}); // nobody listens, but the work goes on

process.exitCode = await runProgram(process.argv.slice(2));
