// addition.mjs as a run, which saves a checkpoint after each epoch: restarted after Ctrl-C, it continues from there.
// Run `npm run build` first, then: node examples/resume.mjs
import { addition, PairRun, predict, Seq2Seq } from "seqloom";
import { folderStorage, openBackend } from "seqloom/node";

const epochs = Number(process.argv[2] ?? 15);

const backend = await openBackend();
const data = addition({ digits: 3, count: 50_000, seed: 1 });
const model = Seq2Seq.for(backend, data, { decoder: "peeky", reverse: true }).initialize(1);
const settings = {
  optimizer: "adam",
  learningRate: 0.004,
  batchSize: 128,
  seed: 1,
  epochs,
  gradClip: 5,
  lrSchedule: "cosine",
};
const run = new PairRun(backend, data, { model, tokenizer: data.tokenizer }, settings);
const files = { storage: folderStorage(), checkpoint: "addition.checkpoint.safetensors", out: "addition.safetensors" };

if (await run.resume(files)) console.log(`resumed at step ${run.steps}`);
for await (const event of run.train({ files }))
  if (event.kind === "evaluation") console.log(`epoch ${event.epoch}: ${(100 * event.exactMatch).toFixed(1)} % right`);

for (const { input, output } of predict(backend, model, data.tokenizer, ["123+456", "9+9"]))
  console.log(input, "=", output);
