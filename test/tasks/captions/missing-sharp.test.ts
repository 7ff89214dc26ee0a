import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeFiles } from "../../../src/node/data-files.js";
import { captionSettings } from "../../../src/tasks/captions/caption-options.js";
import { openCaptionTask } from "../../../src/tasks/captions/caption-task.js";
import { makeFolder } from "../../helpers/folder.js";

test.each([false, true])(
  "without sharp captions are not learned, and no picture is skipped (skipInvalid: %s)",
  async (skipInvalid) => {
    const folder = makeFolder();
    const names = Array.from({ length: 20 }, (_, i) => `${i}.png`);
    for (const name of names) writeFileSync(join(folder, name), "pixels");
    writeFileSync(join(folder, "captions.tsv"), names.map((name) => `${name}\tcaption\n`).join(""));
    const load = openCaptionTask(folder, { skipInvalid, seed: 1 }, { files: nodeFiles() }).load(
      captionSettings({ seed: 1 }),
    );
    await expect(load).rejects.toThrow("Pictures: expected the package sharp, which reads them, got none.");
  },
);
