import * as z from "zod/mini";
import { SamplerOptions } from "./sampler.js";

/** Tokens of an answer at most, whatever is asked. */
export const LONGEST_ANSWER = 1_000_000;

/** How an answer is found: greedily, by beam search, or drawn, where a temperature, a top-k or a top-p is given. */
export const DecodeOptions = z.object({
  beam: z._default(
    z
      .int()
      .check(z.minimum(1), z.maximum(1000), z.describe("how many unfinished answers are kept at a time; 1 is greedy")),
    1,
  ),
  nBest: z._default(
    z.int().check(z.minimum(1), z.maximum(1000), z.describe("how many answers, the best first; at most the beam")),
    1,
  ),
  lengthPenalty: z._default(
    z
      .number()
      .check(z.minimum(0), z.maximum(10), z.describe("how far long answers are favoured; 0 goes by probability alone")),
    0.6,
  ),
  coveragePenalty: z._default(
    z
      .number()
      .check(
        z.minimum(0),
        z.maximum(10),
        z.describe("how far answers that leave out a part of the source are put back"),
      ),
    0,
  ),
  noRepeatNgram: z.optional(
    z.int().check(z.minimum(1), z.maximum(1000), z.describe("no run of so many tokens occurs twice in an answer")),
  ),
  minLength: z._default(
    z.int().check(z.minimum(0), z.maximum(LONGEST_ANSWER), z.describe("fewest tokens of an answer")),
    0,
  ),
  maxLength: z.optional(
    z
      .int()
      .check(
        z.minimum(1),
        z.maximum(LONGEST_ANSWER),
        z.describe("most tokens of an answer (default: as the model was trained)"),
      ),
  ),
  temperature: z.optional(
    z
      .number()
      .check(
        z.minimum(0.001),
        z.maximum(100),
        z.describe("draw tokens: below 1 bolder in what is likely, above 1 adventurous"),
      ),
  ),
  topK: SamplerOptions.shape.topK,
  topP: SamplerOptions.shape.topP,
});
export type DecodeOptions = z.infer<typeof DecodeOptions>;
