import type { Backend } from "../../src/engine/backend/backend.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { writeModel } from "../../src/files/model-file.js";
import { readSafetensors, type Safetensors, writeSafetensors } from "../../src/files/safetensors.js";
import { LanguageModel, type LanguageModelConfig } from "../../src/models/language-model.js";
import { Seq2Seq, type Seq2SeqShape } from "../../src/models/seq2seq.js";
import type { SavedSeq2Seq } from "../../src/tasks/model-kinds.js";
import { addition } from "../../src/tasks/pairs/addition.js";
import type { PairData } from "../../src/tasks/pairs/pairs.js";
import { Words } from "../../src/text/words.js";

/** All 55 sums of one digit. */
export const sums: PairData = addition({ digits: 1 });

/** A model of sums with N(0, 1/fan-in) weights, too small to learn much. */
export function makeModel(backend: Backend, shape: Seq2SeqShape = {}): SavedSeq2Seq {
  const model = Seq2Seq.for(backend, sums, { embeddingSize: 2, hiddenSize: 3, ...shape }).initialize(1);
  return { model, tokenizer: sums.tokenizer };
}

/** The bytes of a small model's file. */
export function makeModelFile(shape: Seq2SeqShape = {}): Uint8Array {
  return writeModel(makeModel(openReference(), shape));
}

/** The bytes of a small language model's file. */
export function makeTextModelFile(config: Partial<LanguageModelConfig> = {}): Uint8Array {
  const tokenizer = new Words(["the", "cat", "<eos>", "<unk>", "sat"]);
  const model = new LanguageModel(openReference(), {
    ...{ kind: "language-model", cell: "lstm", layers: 2, vocabSize: 5, embeddingSize: 2, hiddenSize: 3 },
    ...{ dropout: 0, tieWeights: "none" },
    ...config,
  }).initialize(1);
  return writeModel({ model, tokenizer });
}

/** A file with some of its metadata replaced, or taken away where undefined, and its tensors as `change` returns them. */
export function changeFile(
  bytes: Uint8Array,
  metadata: Readonly<Record<string, string | undefined>>,
  change: (tensors: Safetensors["tensors"]) => Safetensors["tensors"] = (tensors) => tensors,
): Uint8Array {
  const file = readSafetensors("a file to change", bytes);
  const entries = Object.entries({ ...file.metadata, ...metadata }).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return writeSafetensors({ metadata: Object.fromEntries(entries), tensors: change(file.tensors) });
}

/** A file with this header before the data; nothing is made to fit. */
export function fileOf(header: unknown, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}
