import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/engine/random.js";
import { readSafetensors } from "../../src/files/safetensors.js";
import { expectFailure, outcomeOf, reportsOf, runBuilt, runForReports, runHere, start } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";

/** Lines that a small network can learn. */
const text = Array.from(
  { length: 600 },
  (_, i) => `the ${["cat", "dog", "owl"][i % 3]} sat on the ${["mat", "log"][i % 2]}\n`,
).join("");

/** A folder with the text and what the commands leave. */
function folderWithText(): string {
  const folder = makeFolder();
  writeFileSync(join(folder, "cats.txt"), text);
  return folder;
}

const small = [
  "--hidden-size",
  "24",
  "--embedding-size",
  "8",
  "--layers",
  "1",
  "--batch-size",
  "8",
  "--seq-len",
  "20",
  "--dropout",
  "0.1",
];
const train = ["train", "lm", "cats.txt", ...small, "--epochs", "3"];

describe("train lm", () => {
  test("reports steps, evaluations by name of protocol, and saves the best model and a page", async () => {
    const folder = folderWithText();
    const reports = await runForReports(train, folder);
    const kinds = reports.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "evaluation")).toHaveLength(5); // three epochs, then the test by two protocols
    expect(kinds.at(-1)).toBe("done");
    expect(reports.filter(({ kind }) => kind === "saved").map((report) => report["why"])).toContain("best");
    const tests = reports.filter((report) => report["set"] === "test");
    expect(tests.map((report) => report["protocol"])).toEqual(["book", "exact"]);
    const [first, , third] = reports
      .filter((report) => report["set"] === "valid")
      .map(({ perplexity }) => Number(perplexity));
    expect(third).toBeLessThan((first ?? 0) / 2);
    expect(existsSync(join(folder, "cats-characters.checkpoint.safetensors"))).toBe(false);
    expect(readFileSync(join(folder, "cats-characters.html"), "utf8")).toContain("after epoch 3");
  });

  test("eval in int8 says what it costs in perplexity; training in int8 is refused", async () => {
    const folder = folderWithText();
    await runForReports([...train, "--out", "m.safetensors"], folder);
    const reports = await runForReports(["eval", "m.safetensors", "cats.txt", "--precision", "int8"], folder);
    expect(reports.map((report) => report["protocol"])).toEqual(["book", "exact"]);
    for (const report of reports) {
      const [perplexity, float32] = [Number(report["perplexity"]), Number(report["float32Perplexity"])];
      expect(perplexity).not.toBe(float32);
      expect(report["perplexityChange"]).toBeCloseTo(perplexity / float32 - 1, 12);
      expect(Math.abs(Number(report["perplexityChange"]))).toBeLessThan(0.005);
    }
    await expectFailure([...train, "--out", "n.safetensors", "--precision", "int8"], folder, {
      status: 2,
      message: "--precision: expected float32 or bf16 for training, got int8.",
      hint: "int8 is for inference only",
    });
  });

  test("a run that is killed at random moments and resumed ends in the bits of one that was not", async () => {
    const [whole, broken] = [folderWithText(), folderWithText()];
    const args = [
      ...train,
      "--epochs",
      "12",
      "--hidden-size",
      "64",
      "--save-every",
      "3",
      "--optimizer",
      "sgd",
      "--learning-rate",
      "1",
      "--lr-decay",
      "4",
    ];
    await runForReports(args, whole);
    const random = new Random(Number(process.env["SEQLOOM_TEST_SEED"] ?? 5));
    const checkpoint = join(broken, "cats-characters.checkpoint.safetensors");
    let kills = 0;
    for (let status: number | null = null; status !== 0; ) {
      const resume = existsSync(checkpoint) ? ["--resume"] : ["--force"];
      const child = start([...args, ...resume, "--quiet"], { cwd: broken });
      const outcome = outcomeOf(child);
      if (kills < 10) {
        for (let i = 0; i < 100 && child.exitCode === null && !existsSync(checkpoint); i++) await wait(20);
        await wait(random.below(kills === 0 ? 50 : 600)); // the first soon after a checkpoint: a fast machine is not done
        child.kill("SIGKILL");
      }
      status = (await outcome).status;
      if (status === null) kills++;
      if (status !== null && status !== 0) expect.fail((await outcome).stderr);
    }
    expect(kills).toBeGreaterThan(0);
    const [a, b] = [whole, broken].map((folder) => {
      const { tensors, metadata } = readSafetensors("model", readFileSync(join(folder, "cats-characters.safetensors")));
      return { training: metadata["training"], tensors: [...tensors] };
    });
    expect(b).toEqual(a);
  });

  test("--max-steps 0 saves an untrained model, which writes", async () => {
    const folder = folderWithText();
    await runForReports([...train, "--max-steps", "0"], folder);
    const [report] = await runForReports(["generate", "cats-characters.safetensors", "--max-tokens", "30"], folder);
    expect(String(report?.["text"])).toHaveLength(30); // the line break that it starts from is not shown
  });
});

describe("generate", () => {
  test("writes what it learned, the same for the same seed, and ends where it is told", async () => {
    const folder = folderWithText();
    await runForReports([...train, "--epochs", "8", "--learning-rate", "0.01"], folder);
    const model = "cats-characters.safetensors";
    const greedy = await runHere(["generate", model, "--prompt", "the c", "--greedy", "--max-sentences", "2"], folder);
    expect(greedy.stdout).toMatch(
      /^the (cat|dog|owl) sat on the (mat|log)\nthe (cat|dog|owl) sat on the (mat|log)\n+$/,
    );
    const draws = ["generate", model, "--num-samples", "3", "--temperature", "1.5", "--max-tokens", "40"];
    const [first, again, other] = [
      await runHere([...draws, "--seed", "7"], folder),
      await runHere([...draws, "--seed", "7"], folder),
      await runHere([...draws, "--seed", "8"], folder),
    ];
    expect(again.stdout).toBe(first.stdout);
    expect(other.stdout).not.toBe(first.stdout);
    const skipped = await runHere(["generate", model, "--suppress", "a,o", "--max-tokens", "200"], folder);
    expect(skipped.stdout).not.toMatch(/[ao]/);

    const common = { cwd: folder, input: "the d\nr\nt 0\nt 0.5\n\nq\n" };
    const together = await runBuilt(["generate", model, "--interactive", "--max-tokens", "24"], common);
    expect(together.status).toBe(0);
    expect(together.stdout.split("\n").filter((line) => line.startsWith("the d")).length).toBeGreaterThan(2);
    expect(together.stderr).toContain("temperature");
    const talk = ["generate", model, "--interactive", "--json", "--max-tokens", "24"];
    const grown = await runBuilt(talk, { ...common, input: "the d\n\n\n" });
    const lengths = reportsOf(grown).map((report) => String(report["text"]).length);
    expect(lengths).toHaveLength(3);
    expect(lengths.every((length, i) => i === 0 || length > (lengths[i - 1] ?? 0) + 10)).toBe(true);

    const cases: [string[], string, string?][] = [
      [["--prompt", "Z"], '"Z", character 1: expected one of the 15 characters the model has seen, got "Z".'],
      [["--temperature", "0"], '--temperature: expected a number from 0.001 to 100, got "0".'],
      [["--temperature", "1e-40"], '--temperature: expected a number from 0.001 to 100, got "1e-40".'],
      [["--top-k", "0"], '--top-k: expected an integer of at least 1, got "0".'],
      [["--top-p", "NaN"], '--top-p: expected a number above 0 and at most 1, got "NaN".'],
    ];
    for (const [flags, message] of cases) {
      const outcome = await runHere(["generate", model, ...flags], folder);
      expect(outcome.stderr).toContain(message);
      expect(outcome.status).toBe(flags[0] === "--prompt" ? 1 : 2);
    }
    await expectFailure(["predict", model, "a"], folder, {
      status: 1,
      message: `${model}: expected a model that answers, got a language model.`,
      hint: "seqloom generate writes with it",
    });
  });
});

describe("bad texts", () => {
  test.each([
    ["an empty text", "", "empty.txt: expected a text, got an empty file.", undefined],
    [
      "one token",
      "a",
      "one.txt: expected at least 2 tokens for the training set, got 0.",
      "a text of some thousand words is the least to learn from",
    ],
  ])("%s", async (what, content, message, hint) => {
    const folder = makeFolder();
    const name = what === "one token" ? "one.txt" : "empty.txt";
    writeFileSync(join(folder, name), content);
    await expectFailure(["train", "lm", name], folder, { status: 1, message, hint });
  });
});
