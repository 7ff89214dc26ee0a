#!/usr/bin/env node
import { runProgram } from "./program.js";

for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0); // the reader has seen enough
    throw error;
  });

process.exitCode = await runProgram(process.argv.slice(2));
