#!/usr/bin/env node
import { runProgram } from "./program.js";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0); // the reader closed the pipe
  throw error;
});
process.stderr.on("error", () => {}); // standard error is closed: continue without messages

process.exitCode = await runProgram(process.argv.slice(2));
