// A program that answers rounds (see serve.mjs), started and driven from here.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Milliseconds. Threads of OpenMP and onnxruntime wait for work by spinning, and would take a core from the next. */
const PAUSE = 150;

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const python = process.env.PYTHON ?? "/usr/bin/python3";

/** Command lines of all that can be run in turn; each is given --case, --shape and --threads as well. */
export const contestants = {
  seqloom: [process.execPath, path("rounds.mjs")],
  pytorch: [python, path("peers/pytorch.py")],
  onnxruntime: [process.execPath, path("peers/onnxruntime.mjs")],
  "tfjs-wasm": [process.execPath, path("peers/tfjs.mjs"), "--backend", "wasm"],
  "tfjs-cpu": [process.execPath, path("peers/tfjs.mjs"), "--backend", "cpu"],
};

export class Contestant {
  #child;
  #lines;
  #complaints = "";
  #steps = 1;

  /** @param {keyof typeof contestants} name @param {Record<string, string | number>} flags */
  constructor(name, flags) {
    const [program, ...args] = contestants[name];
    const given = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
    this.#child = spawn(program, [...args, ...given], { stdio: "pipe" });
    this.#child.stderr.on("data", (text) => {
      this.#complaints = `${this.#complaints}${text}`.slice(-2000);
    });
    this.#child.stdin.on("error", () => {}); // it has ended: reading says why
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Waits until it is prepared, and finds out how many steps take so many milliseconds. */
  async start(milliseconds) {
    await this.#report();
    for (let i = 0; i < 2; i++) {
      const { msPerStep } = await this.round();
      this.#steps = Math.max(1, Math.round(milliseconds / msPerStep));
    }
  }

  /** Runs a round, after a pause in which the one before stops spinning. @returns its report: msPerStep and details */
  async round() {
    await setTimeout(PAUSE);
    this.#child.stdin.write(`${this.#steps}\n`);
    return this.#report();
  }

  end() {
    this.#child.stdin.end();
    this.#child.kill();
  }

  #reason() {
    const lines = this.#complaints.trim().split("\n");
    const [, message] = lines.map((line) => /Error: (.*)/.exec(line)).find((match) => match !== null) ?? [];
    return message ?? (lines.at(-1) || "it ended without a word");
  }

  async #report() {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(this.#reason());
      if (value.startsWith("{")) return JSON.parse(value);
    }
  }
}
