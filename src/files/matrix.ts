/** Rows of numbers, one after another: frames of a sound, of a video, or the readings of sensors over time. */
export interface Matrix {
  /** Numbers in a row. */
  readonly width: number;
  /** (T, width) */
  readonly values: Float32Array;
}
