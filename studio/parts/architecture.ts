import type { Options } from "../messages.js";

/** The part of a configuration that a diagram shows. */
export interface Architecture {
  readonly cell: string;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly embeddingSize: number;
  readonly decoder: "plain" | "peeky" | "attention";
  readonly isReversed: boolean;
  readonly isBidirectional: boolean;
  readonly passesCell: boolean;
  readonly combines: boolean;
  readonly feeds: boolean;
  readonly isTied: boolean;
}

const decoders = ["plain", "peeky", "attention"] as const;

/** Reads a model's configuration or a form's options. */
export function architectureOf(config: Options): Architecture {
  const count = (name: string): number => (typeof config[name] === "number" ? config[name] : 1);
  const { tieWeights } = config;
  return {
    cell: typeof config["cell"] === "string" ? config["cell"].toUpperCase() : "LSTM",
    layers: count("layers"),
    hiddenSize: count("hiddenSize"),
    embeddingSize: count("embeddingSize"),
    decoder: decoders.find((name) => name === config["decoder"]) ?? "plain",
    isReversed: config["reverse"] === true,
    isBidirectional: config["bidirectional"] === true,
    passesCell: config["initCell"] === true,
    combines: config["attentionalHidden"] === true,
    feeds: config["inputFeeding"] === true,
    isTied: tieWeights === "output" || tieWeights === "all",
  };
}

/** Maximum number of layers in a diagram. */
export const MOST_LAYERS = 3;

export function layersShown({ layers }: Architecture): number[] {
  return Array.from({ length: Math.min(layers, MOST_LAYERS) }, (_, layer) => layer);
}
