// Every 87th question of a file's test part, with the model's greedy answer: node bench/unseen-questions.mjs model file
import { predict } from "seqloom";
import { loadSeq2Seq, nodePorts, openBackend, openTask } from "seqloom/node";

const [path = "chatbot-ko.safetensors", file = "chatbot-ko.csv"] = process.argv.slice(2);
const backend = await openBackend();
const { model, tokenizer } = loadSeq2Seq(path, backend);
const task = await openTask(file, { skipInvalid: false, seed: 1, asText: true }, nodePorts());
const { texts = [] } = await task.encode(tokenizer, "test");
const questions = texts.map(({ source }) => source).filter((_, i) => i % 87 === 0);
for (const { input, output } of predict(backend, model, tokenizer, questions.slice(0, 10)))
  console.log(`${input} → ${output}`);
