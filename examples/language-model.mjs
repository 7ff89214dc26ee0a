// Trains a language model on characters, then generates text. Run `npm run build` first, then: node examples/language-model.mjs
// A text of your own needs more steps: node examples/language-model.mjs letters.txt 2000
import { readFileSync } from "node:fs";
import { Adam, Characters, generateIds, LanguageModel, MemoryText, Sampler, TextBatches, Trainer } from "seqloom";
import { openBackend, saveModel } from "seqloom/node";

const [file, maxSteps = 100] = process.argv.slice(2);
const rhyme = "Peter Piper picked a peck of pickled peppers.\nA peck of pickled peppers Peter Piper picked.\n";
const text = file ? readFileSync(file, "utf8") : rhyme.repeat(1000);

const backend = await openBackend();
const tokenizer = Characters.of(text);
const sizes = {
  layers: 1,
  vocabSize: tokenizer.size,
  embeddingSize: 16,
  hiddenSize: 128,
  dropout: 0,
  tieWeights: "none",
};
const model = new LanguageModel(backend, { kind: "language-model", cell: "lstm", ...sizes }).initialize(1);
const trainer = new Trainer(backend, model, new Adam(backend, model.params, 0.01));
const batches = new TextBatches(backend, new MemoryText(Int32Array.from(tokenizer.encode(text))), { N: 16, T: 32 });

for await (const report of trainer.run(batches, {
  epochs: 1000,
  maxSteps: Number(maxSteps),
  gradClip: 1,
  reportEvery: 50,
}))
  if (report.kind === "step") console.log(`step ${report.step}: ${report.loss.toFixed(3)} nats per character`);

const prompt = tokenizer.encode([...text].slice(0, 5).join(""));
const written = generateIds(model, { prompt, maxTokens: 150, sampler: new Sampler({ temperature: 0.7 }) });
console.log(tokenizer.decode([...prompt, ...written]));
saveModel("language-model.safetensors", { model, tokenizer });
