import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectFailure, outcomeOf, runBuilt, runForReports, runHere, start } from "../helpers/command.js";
import { skipWithoutEspeak } from "../helpers/espeak.js";
import { makeFolder } from "../helpers/folder.js";
import { makeNpy, makeTone, makeWav, pcm16 } from "../helpers/sound.js";

const notes = { low: 300, middle: 900, high: 2700 };
const flags =
  "--preset listen --hidden-size 16 --embedding-size 8 --batch-size 4 --epochs 40 --learning-rate 0.01 --warmup-steps 0 --dropout 0 --tokenizer words";
const train = (...more: string[]): string[] => ["train", "seq2seq", "notes.tsv", ...flags.split(" "), ...more];

/** Tones of three heights and of many lengths in a folder, and the list that names them. */
function makeNotes(): string {
  const cwd = makeFolder();
  mkdirSync(join(cwd, "clips"));
  const rows = Object.entries(notes).flatMap(([name, hertz]) =>
    Array.from({ length: 12 }, (_, i) => {
      const file = `clips/${name}-${i}.wav`;
      writeFileSync(join(cwd, file), makeTone(hertz * (0.95 + i / 100), 0.1 + i / 50));
      return `${file}\t${name}`;
    }),
  );
  writeFileSync(join(cwd, "notes.tsv"), `${rows.join("\n")}\n`);
  return cwd;
}

describe("seqloom train seq2seq on a list of sounds", () => {
  test("makes a model that writes what it hears, in files it has never heard", async () => {
    const cwd = makeNotes();
    const { stderr, stdout, status } = await runHere(train(), cwd);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stderr).toMatch(/^\d+ \+ \d+ \+ \d+ \.wav files for training, validation and test\n100\.0 % right after/);
    expect(stderr).toMatch(/ask it {2}seqloom predict notes-listen\.safetensors clips\/\w+-\d+\.wav\n$/);
    expect(stdout).toMatch(/☑ clips\/\w+-\d+\.wav +(low|middle|high)/);
    expect(readFileSync(join(cwd, "notes-listen.html"), "utf8")).toContain("clips/");

    writeFileSync(join(cwd, "new.wav"), makeTone(2600, 0.3));
    writeFileSync(join(cwd, "other.WAV"), makeTone(310, 0.25, 44_100));
    const answers = await runHere(["predict", "notes-listen.safetensors", "new.wav", "other.WAV"], cwd);
    expect(answers).toEqual({ status: 0, stdout: "high\nlow\n", stderr: "" });
    writeFileSync(join(cwd, "tick.wav"), makeTone(300, 0.02));
    const tick = await runHere(["predict", "notes-listen.safetensors", "tick.wav", "tick.wav"], cwd);
    const short = "an input of 1 time step is shorter than any in training";
    expect(tick.stderr).toMatch(new RegExp(`^${short} \\([23]\\): the answer may be poor\n$`));
    const lines = await runBuilt(["predict", "notes-listen.safetensors"], { cwd, input: "new.wav\nclips/low-0.wav\n" });
    expect(lines).toEqual({ status: 0, stdout: "high\nlow\n", stderr: "" });

    const [score] = await runForReports(
      ["predict", "notes-listen.safetensors", "new.wav", "--score-target", "high"],
      cwd,
    );
    expect(Number(score?.["score"])).toBeGreaterThan(Math.log(0.5));
    const [inspected] = await runForReports(["inspect", "notes-listen.safetensors"], cwd);
    expect(inspected?.["config"]).toMatchObject({ frameSize: 120, pyramidLayers: 1, layers: 2, bidirectional: true });
    expect((await runHere(["inspect", "notes-listen.safetensors"], cwd)).stdout).toMatch(/reads +\.wav files\n/);
  });

  test("is scored by eval on the part that was held out, without BLEU", async () => {
    const cwd = makeNotes();
    await runHere(train(), cwd);
    const { stdout } = await runHere(["eval", "notes-listen.safetensors", "notes.tsv"], cwd);
    expect(stdout).toMatch(/exact match +100\.0 %/);
    expect(stdout).toMatch(/error rate \(words\) +0\.00 %/);
    expect(stdout).not.toContain("BLEU");
  });

  test("shows where it listened, by the second", async () => {
    const cwd = makeNotes();
    await runHere([...train(), "--epochs", "1"], cwd);
    await runHere(["predict", "notes-listen.safetensors", "clips/low-11.wav", "--attention-html", "a.html"], cwd);
    const page = readFileSync(join(cwd, "a.html"), "utf8");
    expect(page).toContain("the attention weight of each\nsecond of the sound.");
    const labels = [...page.matchAll(/<th scope="col"><span><bdi>([^<]*)/g)].map(([, label]) => label);
    // 0.32 s are 30 frames, 10 that the model reads, 5 behind its pyramid
    expect(labels).toEqual(["0.00", "0.06", "0.12", "0.18", "0.24"]);
  });
});

describe("a list of sounds", () => {
  const predict = ["predict", "notes-listen.safetensors"];

  test("with a file that is no good is refused with its name, or read without it", async () => {
    const cwd = makeNotes();
    const cut = makeTone(300, 0.2).subarray(0, 1000);
    const bad: [file: string, bytes: Uint8Array | undefined, message: string][] = [
      ["cut.wav", cut, "expected 3200 bytes of samples, got 956: the file is cut short."],
      ["empty.wav", makeWav(pcm16([])), "expected samples, got none."],
      ["gone.wav", undefined, "expected a .wav file, got no such file or folder."],
      ["frames.npy", makeNpy(2, [1, 2]), "expected a .wav file, got a .npy file."],
      ["hello", undefined, "expected a .wav file, got a name that ends otherwise."],
    ];
    const list = readFileSync(join(cwd, "notes.tsv"), "utf8");
    for (const [file, bytes, message] of bad) {
      if (bytes) writeFileSync(join(cwd, file), bytes);
      writeFileSync(join(cwd, "notes.tsv"), `${list}${file}\tlow\n`);
      const { stderr, status } = await runHere(train("--epochs", "1"), cwd);
      expect({ status, stderr }).toMatchObject({ status: 1 });
      expect(stderr).toContain(`error: notes.tsv:37: ${file}: ${message}\nhint: `);
      expect(stderr).toMatch(/\nhint: (\w.*; )?--skip-invalid leaves such files out\n$/);
    }
    writeFileSync(join(cwd, "notes.tsv"), `${list}${bad.map(([file]) => `${file}\tlow\n`).join("")}`);
    const { stderr } = await runHere(train("--epochs", "1", "--skip-invalid"), cwd);
    expect(stderr).toContain("5 files left out, the first because: ");
  });

  test("may begin with a head, or with a file of another kind: both are named", async () => {
    const cwd = makeNotes();
    const list = readFileSync(join(cwd, "notes.tsv"), "utf8");
    const kind = "expected a .wav file, got a name that ends otherwise.";
    for (const [first, hint] of [
      ["file", "--header yes says that the first line names the columns"],
      ["x.mp3", "all files are of one kind, in training and after it"],
    ] as const) {
      writeFileSync(join(cwd, "notes.tsv"), `${first}\ttext\n${list}`);
      await expectFailure(train("--epochs", "1"), cwd, {
        ...{ status: 1, message: `notes.tsv:1: ${first}: ${kind}` },
        hint: `${hint}; --skip-invalid leaves such files out`,
      });
    }
    const headed = await runHere(train("--epochs", "1", "--header", "yes"), cwd);
    expect(headed.stderr).toMatch(/^\d+ \+ \d+ \+ \d+ \.wav files/);
  });

  test("whose model is asked about another file says what it expected", async () => {
    const cwd = makeNotes();
    await runHere(train("--epochs", "1"), cwd);
    writeFileSync(join(cwd, "walk.npy"), makeNpy(40, Array(80).fill(1)));
    const kind = "expected a .wav file, got a .npy file.";
    const hint = "all files are of one kind, in training and after it";
    await expectFailure([...predict, "walk.npy"], cwd, { status: 1, message: `walk.npy: ${kind}`, hint });
    writeFileSync(join(cwd, "x.mp3"), "ID3");
    const otherwise = "expected a .wav file, got a name that ends otherwise.";
    for (const [file, message, advice] of [
      ["x.mp3", `x.mp3: ${otherwise}`, "ffmpeg -i x.mp3 -c:a pcm_s16le x.wav makes one that can be read"],
      ["clips", "clips: expected a .wav file, got a folder.", "name the files in it"],
      ["clips/low-1.wav ", `"clips/low-1.wav ": ${otherwise}`, hint],
      ["", "expected the name of a .wav file, got an empty one.", undefined],
    ] as const)
      await expectFailure([...predict, file], cwd, { status: 1, message, hint: advice });
    const failed = async (input: string | Uint8Array) => (await runBuilt(predict, { cwd, input })).stderr;
    expect(await failed("clips/low-1.wav\n\n")).toBe(
      "error: line 2: expected the name of a .wav file, got an empty one.\n",
    );
    expect(await failed(makeTone(300, 0.1))).toMatch(
      /^error: line 1: "RIFF(\\u0000){4}WAVEfmt .*data…": expected .* otherwise\.\nhint: name the file as an argument\n$/,
    );
  });
});

describe("a list of matrices", () => {
  test("is learned like one of sounds, from JSON lines too", async () => {
    const cwd = makeFolder();
    const rows = Array.from({ length: 40 }, (_, i) => {
      const [rises, T] = [i % 2 === 0, 4 + (i % 7)];
      const values = Array.from({ length: T }, (_, t) => [rises ? t : T - t, (i * 7 + t) % 3]).flat();
      writeFileSync(join(cwd, `${i}.npy`), makeNpy(2, values));
      return JSON.stringify({ file: `${i}.npy`, text: rises ? "up" : "down" });
    });
    writeFileSync(join(cwd, "moves.jsonl"), rows.join("\n"));
    const options = [...flags.split(" "), "--stack-frames", "1", "--pyramid-layers", "0", "--layers", "1"];
    const { stderr } = await runHere(["train", "seq2seq", "moves.jsonl", ...options], cwd);
    expect(stderr).toContain("100.0 % right after");
    writeFileSync(join(cwd, "new.npy"), makeNpy(2, [5, 0, 4, 1, 3, 0, 2, 2, 1, 1]));
    expect((await runHere(["predict", "moves-listen.safetensors", "new.npy"], cwd)).stdout).toBe("down\n");

    writeFileSync(join(cwd, "wide.npy"), makeNpy(3, [1, 2, 3]));
    await expectFailure(["predict", "moves-listen.safetensors", "wide.npy"], cwd, {
      status: 1,
      message: "wide.npy: expected frames of 2 numbers, as in training, got frames of 3.",
      hint: "make them in the same way as the training data",
    });
    writeFileSync(join(cwd, "moves.jsonl"), [...rows, JSON.stringify({ file: "wide.npy", text: "up" })].join("\n"));
    const wide = await runHere(["train", "seq2seq", "moves.jsonl", ...options, "--force"], cwd);
    expect(wide.stderr).toContain("wide.npy: expected frames of 2 numbers, as in the first file, got frames of 3.");
  });
});

test.each(["--stack-frames", "--pyramid-layers", "--preset listen"])(
  "%s is for files, not for texts",
  async (option) => {
    const more = option.includes(" ") ? option : `${option} 2`;
    await expectFailure(`train seq2seq addition --digits 1 ${more}`.split(" "), makeFolder(), {
      status: 2,
      message: `${option}: expected .wav or .npy files, got texts.`,
      hint: "leave it out",
    });
  },
);

describe.skipIf(skipWithoutEspeak)("spoken digits", () => {
  const small = "--count 20 --hidden-size 4 --embedding-size 2 --epochs 1 --batch-size 8".split(" ");
  const path = (cwd: string): string => join(cwd, "seqloom", "spoken-digits-20-1.safetensors");

  test("are spoken once, in whole or not at all, though the program is killed", async () => {
    const cwd = makeFolder();
    const child = start(["train", "seq2seq", "spoken-digits", ...small], { cwd });
    const killed = outcomeOf(child);
    child.stderr?.once("data", () => child.kill("SIGKILL"));
    expect((await killed).stderr).toContain(`espeak-ng speaks 20 strings, once: they are kept in ${path(cwd)}`);
    expect(existsSync(path(cwd))).toBe(false);

    const first = await runHere(["train", "seq2seq", "spoken-digits", ...small], cwd);
    expect(first.stderr).toContain("17 + 1 + 2 .wav files for training, validation and test");
    expect(first.stderr).toContain("ask it  espeak-ng -w three.wav three && seqloom predict spoken-digits-listen");
    expect(readdirSync(join(cwd, "seqloom"))).toEqual(["spoken-digits-20-1.safetensors"]);
    const again = await runHere(["eval", "spoken-digits-listen.safetensors", "spoken-digits"], cwd);
    expect(again.stderr).not.toContain("espeak-ng speaks");
    expect(again.stdout).toMatch(/^test: 2 questions/);
  });

  test("are written into a folder, with a list of each part that a model can be trained on", async () => {
    const cwd = makeFolder();
    const { stdout } = await runHere("data spoken-digits --count 20 --write digits".split(" "), cwd);
    expect(stdout.split("\n")[2]).toBe("test   2 strings by 2 voices");
    const lists = ["train", "valid", "test"].map((part) => `digits/${part}.tsv`);
    const rows = lists.map((list) => readFileSync(join(cwd, list), "utf8").trim().split("\n"));
    expect(rows.map(({ length }) => length)).toEqual([17, 1, 2]);
    for (const row of rows.flat()) {
      const [file = "", digits] = row.split("\t");
      expect(digits).toMatch(/^\d{1,5}$/);
      expect(readFileSync(join(cwd, "digits", file)).length).toBeGreaterThan(10_000);
    }
    const held = ["--valid", "digits/valid.tsv", "--test", "digits/test.tsv"];
    const { stderr } = await runHere(["train", "seq2seq", "digits/train.tsv", ...held, ...small.slice(2)], cwd);
    expect(stderr).toContain("17 + 1 + 2 .wav files for training, validation and test");
    const again = "data spoken-digits --count 20 --write digits".split(" ");
    const hint = "replace it with --force, or choose another folder";
    const message = "digits/train.tsv: expected a new file, got one that exists.";
    await expectFailure(again, cwd, { status: 2, message, hint });
  });

  test("are no fewer than 20", async () => {
    await expectFailure("train seq2seq spoken-digits --count 19".split(" "), makeFolder(), {
      status: 2,
      message: "spoken-digits: expected a count from 20 to 100,000, got 19.",
    });
  });
});
