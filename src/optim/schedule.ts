/**
 * The learning rate as a share of the one asked for, from the share of the training that is done (0 to 1).
 * - `constant`: always 1.
 * - `linear`: down to 0 in a line.
 * - `cosine`: down to 0 along half a cosine. Source: Loshchilov & Hutter 2017, without restarts.
 */
export const schedules = {
  constant: () => 1,
  linear: (done) => 1 - done,
  cosine: (done) => (1 + Math.cos(Math.PI * done)) / 2,
} as const satisfies Record<string, (done: number) => number>;

export type ScheduleName = keyof typeof schedules;
