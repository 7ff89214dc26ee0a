// Trains a network to add, asks it two sums, and saves it. Run `npm run build` first, then: node examples/addition.mjs
import { Adam, addition, evaluatePairs, PairBatches, predict, Seq2Seq, Trainer } from "seqloom";
import { openBackend, saveModel } from "seqloom/node";

const epochs = Number(process.argv[2] ?? 15);

const backend = await openBackend();
const data = addition({ digits: 3, count: 50_000, seed: 1 });
const model = Seq2Seq.for(backend, data, { decoder: "peeky", reverse: true }).initialize(1);
const trainer = new Trainer(backend, model, new Adam(backend, model.params, 0.004));
const batches = new PairBatches(backend, data.train, { batchSize: 128, seed: 1 });
const evaluate = () => evaluatePairs(backend, model, data.tokenizer, data.test);

for await (const report of trainer.run(batches, { epochs, gradClip: 5, lrSchedule: "cosine", evaluate }))
  if (report.kind === "evaluation")
    console.log(`epoch ${report.epoch}: ${(100 * report.exactMatch).toFixed(1)} % right`);

for (const { input, output } of predict(backend, model, data.tokenizer, ["123+456", "9+9"]))
  console.log(input, "=", output);
saveModel("addition.safetensors", { model, tokenizer: data.tokenizer });
