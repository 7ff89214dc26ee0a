import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { captionSettings } from "../../src/tasks/captions/caption-options.js";
import { openCaptionTask } from "../../src/tasks/captions/caption-task.js";
import { makeFolder } from "../helpers/folder.js";

vi.mock(import("../../src/node/sharp.js"), async (original) => {
  const { requireSharp, ...others } = await original();
  const none = (): unknown => {
    throw new Error("Cannot find module 'sharp'");
  };
  return { ...others, requireSharp: () => requireSharp(none) };
});

test.each([false, true])(
  "without sharp captions are not learned, and no picture is skipped (--skip-invalid: %s)",
  async (skipInvalid) => {
    const folder = makeFolder();
    const names = Array.from({ length: 20 }, (_, i) => `${i}.png`);
    for (const name of names) writeFileSync(join(folder, name), "pixels");
    writeFileSync(join(folder, "captions.tsv"), names.map((name) => `${name}\tcaption\n`).join(""));
    const load = openCaptionTask(folder, { skipInvalid }, 1).load(captionSettings({ seed: 1 }));
    await expect(load).rejects.toThrow("Pictures: expected the package sharp, which reads them, got none.");
  },
);
