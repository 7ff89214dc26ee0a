import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { SeqloomError } from "../../../src/engine/errors.js";
import { readWav } from "../../../src/files/wav.js";
import { espeak } from "../../../src/node/speech.js";
import { logMel } from "../../../src/tasks/sounds/log-mel.js";
import { loadSpokenDigits, speakDigits } from "../../../src/tasks/sounds/speak-digits.js";
import { drawSpoken, people } from "../../../src/tasks/sounds/spoken-digits.js";
import { expectClose } from "../../helpers/close.js";
import { expectRejection } from "../../helpers/errors.js";
import { skipWithoutEspeak } from "../../helpers/espeak.js";
import { makeFolder } from "../../helpers/folder.js";
import { portsWithNotices } from "../../helpers/notices.js";

const load = (seed: number, dataDir?: string) => loadSpokenDigits({ count: 20, seed }, portsWithNotices(dataDir).ports);

describe.skipIf(skipWithoutEspeak)("espeak-ng", () => {
  test("has all the voices", () => {
    const list = execFileSync("espeak-ng", ["--voices=variant"], { encoding: "utf8" });
    expect(people.filter((name) => !list.includes(`!v/${name} `))).toEqual([]);
  });

  test("speaks a string digit by digit, in frames that are kept", async () => {
    const dataDir = makeFolder();
    const { ports, notices } = portsWithNotices(dataDir);
    const first = await loadSpokenDigits({ count: 20, seed: 3 }, ports);
    const [name = ""] = readdirSync(dataDir);
    expect([name, readdirSync(dataDir).length]).toEqual(["spoken-digits-20-3.safetensors", 1]);
    const path = join(dataDir, name);
    expect(notices).toEqual([`espeak-ng speaks 20 strings, once: they are kept in ${path}`]);

    utimesSync(path, 1000, 1000);
    expect(await loadSpokenDigits({ count: 20, seed: 3 }, ports)).toEqual(first);
    expect([notices.length, statSync(path).mtimeMs]).toEqual([1, 1_000_000]);

    const drawn = drawSpoken(20, 3);
    const [recording, spoken] = [first.train[2], drawn.train[2]];
    if (!spoken) throw new Error("expected a third string");
    expect([recording?.text, recording?.file]).toEqual([spoken.digits, `3 ${spoken.voice}`]);
    const { values } = logMel("it", readWav("it", await speakDigits(spoken, espeak)));
    expectClose("frames", recording?.frames.values, values, { relative: 2 ** -11 }); // kept as float16
  });

  test("is not asked again for what is kept in $SEQLOOM_DATA or the user's folder", async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    const [shared, own, dataDir] = [makeFolder(), makeFolder(), makeFolder()];
    await load(3, shared);
    await load(4, join(own, "seqloom"));
    vi.stubEnv("SEQLOOM_DATA", shared);
    vi.stubEnv("XDG_DATA_HOME", own);
    for (const seed of [3, 4]) await load(seed, dataDir);
    expect(readdirSync(dataDir)).toEqual([]);
    await load(5);
    expect(readdirSync(join(own, "seqloom"))).toHaveLength(2); // in the user's folder, though there is another
  });

  test("takes longer for more digits, and reads zeros and thousands one by one", async () => {
    const seconds = async (digits: string): Promise<number> => {
      const { samples, rate } = readWav(
        digits,
        await speakDigits({ digits, voice: "en-us", speed: 160, pitch: 50, gap: 0 }, espeak),
      );
      return samples.length / rate;
    };
    const zero = ((await seconds("00000")) - (await seconds("0"))) / 4;
    expect(zero).toBeGreaterThan(0.25);
    expect(((await seconds("1000")) - (await seconds("1"))) / 3).toBeCloseTo(zero, 1);
  });

  test("is not asked again for what another version kept: that is refused", async () => {
    const dataDir = makeFolder();
    await load(3, dataDir);
    const path = join(dataDir, "spoken-digits-20-4.safetensors");
    copyFileSync(join(dataDir, "spoken-digits-20-3.safetensors"), path);
    await expect(load(4, dataDir)).rejects.toMatchObject({
      message: `${path}: expected the strings that this version draws, got others.`,
      hint: "remove the file",
    });
  });
});

test("where espeak-ng is missing, the error says how to install it", async () => {
  const dataDir = makeFolder();
  const { PATH } = process.env;
  onTestFinished(() => {
    process.env["PATH"] = PATH;
  });
  process.env["PATH"] = dataDir;
  const { ports, notices } = portsWithNotices(dataDir);
  const failed = loadSpokenDigits({ count: 20, seed: 3 }, ports);
  await expect(failed).rejects.toMatchObject({
    message: "spoken-digits: expected the program espeak-ng to speak them, got no such program.",
    hint: expect.stringContaining("apt install espeak-ng"),
  });
  expect([...notices, ...readdirSync(dataDir)]).toEqual([]);
});

test("a folder that cannot be made is named, with the option that names another", async () => {
  const file = join(makeFolder(), "three.wav");
  writeFileSync(file, "");
  for (const [dataDir, got] of [
    [file, "a file of that name"],
    [join(file, "deeper"), "a path through a file"],
  ] as const)
    await expectRejection(
      SeqloomError,
      load(3, dataDir),
      `${dataDir}: expected a folder, got ${got}.`,
      "dataDir names another folder",
    );
});
