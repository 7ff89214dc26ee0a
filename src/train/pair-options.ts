import * as z from "zod/mini";
import { cells } from "../layers/cells.js";
import { initializers } from "../layers/initialize.js";
import { optimizers } from "../optim/optimizer.js";
import { schedules } from "../optim/schedule.js";

/** The names of a table, as a list with at least the first. */
export const keysOf = <Name extends string>(table: Record<Name, unknown>): Name[] => {
  const isName = (key: string): key is Name => key in table;
  return Object.keys(table).filter(isName);
};
const count = (description: string, most = 65_536) =>
  z.int().check(z.minimum(1), z.maximum(most), z.describe(description));

/** The seed of everything that is drawn. */
export const Seed = z
  .int()
  .check(z.minimum(0), z.maximum(2 ** 32 - 1), z.describe("where all random numbers come from"));

/** What a seq2seq training run can be told. Command-line flags, their help and the form in the studio are made from it. */
export const PairOptions = z.object({
  model: z._default(
    z.enum(["plain", "peeky"]).check(z.describe("the decoder: peeky sees the encoder's state in every step")),
    "plain",
  ),
  cell: z._default(z.enum(keysOf(cells)).check(z.describe("the recurrent layer of encoder and decoder")), "lstm"),
  reverse: z._default(z.boolean().check(z.describe("read the source from its end")), false),
  passCell: z._default(z.boolean().check(z.describe("hand an LSTM's cell state to the decoder too")), false),
  hidden: z._default(count("hidden size H"), 128),
  embedding: z._default(count("size of a token's vector D"), 16),
  batch: z._default(count("pairs in a batch N"), 128),
  epochs: z._default(
    z.int().check(z.minimum(0), z.maximum(1_000_000), z.describe("times the training part is gone through")),
    25,
  ),
  optimizer: z._default(z.enum(keysOf(optimizers)).check(z.describe("how gradients change weights")), "adam"),
  rate: z._default(z.number().check(z.gt(0), z.maximum(1000), z.describe("learning rate")), 0.001),
  schedule: z._default(z.enum(keysOf(schedules)).check(z.describe("how the rate falls")), "constant"),
  clip: z._default(z.number().check(z.gt(0), z.describe("longest gradient that is not shortened")), 5),
  init: z._default(z.enum(keysOf(initializers)).check(z.describe("how weights are first drawn")), "book"),
  seed: z._default(Seed, 1),
});
export type PairOptions = z.infer<typeof PairOptions>;
