import { basename, resolve } from "node:path";
import type { Command } from "commander";
import * as z from "zod/mini";
import { nearest } from "../../engine/errors.js";
import { nodePicturePorts } from "../../node/packages.js";
import { captionRun } from "../../run/caption-run.js";
import { CaptionOptions, captionSettings, suggestEpochs } from "../../tasks/captions/caption-options.js";
import { CaptionTaskOptions, openCaptionTask } from "../../tasks/captions/caption-task.js";
import { type Files, findFile } from "../../tasks/files.js";
import { Division } from "../division.js";
import { describePairs } from "../draw.js";
import { duration, HeldNotices, percent } from "../output.js";
import { TrainPlaces, trainPlaces } from "../places.js";
import { define } from "../session.js";
import { trainRun } from "../train-run.js";

const captionsHint = "name a folder of pictures, a list of captions, or shapes";

const Options = z.extend(z.extend(CaptionOptions, CaptionTaskOptions.shape), TrainPlaces.shape);

/** The whole name of a folder of pictures, even where it is given as `.`. @throws DataError where there is none */
function folderOf(name: string, files: Files): string | undefined {
  if (name === "shapes") return undefined;
  const near = nearest(name, ["shapes"]);
  const path = findFile(files, name, near ? `did you mean ${near}?` : captionsHint);
  return files.kindOf(path) === "folder" ? basename(resolve(path)) : undefined;
}

/** `seqloom train captions <folder|shapes>` */
export function trainCaptionsCommand(train: Command): void {
  const captions = train
    .command("captions")
    .argument("<data>", "shapes, a folder of pictures with captions.tsv or captions.jsonl, or such a list")
    .description("Train a model to caption pictures");
  define(captions, Options, async (session, name = "") => {
    const { options, output } = session;
    session.expectTraining();
    const chosen = captionSettings(options);
    const ports = nodePicturePorts(options);
    const folder = folderOf(name, ports.files);
    const notices = new HeldNotices(output);
    const task = openCaptionTask(
      name,
      { ...options, threads: session.common.threads },
      {
        ...ports,
        onNotice: notices.onNotice,
      },
    );
    const loaded = await task.load(chosen);
    const data = { ...loaded, name: folder ?? loaded.name };
    const epochs = options.epochs ?? suggestEpochs(data.train.count, chosen.batchSize);
    const settings = { ...chosen, epochs };
    const out = options.out ?? `${data.name}-${settings.preset}.safetensors`;
    const { cnn, valid, test, dataDir } = options;
    const places = trainPlaces(out, { names: [name, cnn, valid, test], dataDir }, options);
    notices.show();

    const run = captionRun(await session.open(), data, settings, z.parse(Division, options));
    await trainRun(session, run, {
      words: ["train", "captions", name],
      ...{ schema: Options, places, epochs: settings.epochs, describe: describePairs },
      title: `${data.name} · ${settings.preset}`,
      async report(command) {
        const { reportPairs } = await import("../reports.js");
        const asked = { ...settings, ...z.parse(CaptionTaskOptions, options) };
        const pictures = await task.show((run.test?.samples ?? []).map(({ question }) => question));
        return reportPairs([{ name: settings.preset, run }], data, asked, command, pictures);
      },
    });
    const { judged, exactMatch = 0 } = run.test ?? {};
    output.message(`${percent(judged ?? exactMatch)} right after ${duration(run.history.seconds)}`);
    output.message(`model   ${out}\nreport  ${places.page}\nask it  seqloom predict ${out} picture.png`);
  });
}
