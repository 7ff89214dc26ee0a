import type { Workspace } from "../engine/backend/arena.js";
import type { Ints } from "../engine/tensor.js";
import { packRows } from "./pack.js";
import type { Sources } from "./sources.js";

/** Id sequences of different lengths, end to end: row r is ids[starts[r]] up to, not with, ids[starts[r + 1]]. */
export class Sequences implements Sources {
  constructor(
    readonly ids: Int32Array,
    readonly starts: Float64Array,
  ) {}

  get count(): number {
    return this.starts.length - 1;
  }

  get steps(): number {
    return this.ids.length;
  }

  get arrays(): readonly [ids: Int32Array, starts: Float64Array] {
    return [this.ids, this.starts];
  }

  row(r: number): Int32Array {
    return this.ids.subarray(this.starts[r], this.starts[r + 1]);
  }

  length(r: number): number {
    return (this.starts[r + 1] ?? 0) - (this.starts[r] ?? 0);
  }

  pack(workspace: Workspace, name: string, rows: ArrayLike<number>): { values: Ints; lengths: Ints | undefined } {
    return packRows(workspace, name, this, rows);
  }
}

/** Takes sequences one by one, in memory that doubles. */
export class SequenceWriter {
  #ids = new Int32Array(1024);
  #starts = new Float64Array(256);
  #count = 0;
  #end = 0;

  add(row: ArrayLike<number>): void {
    const end = this.#end + row.length;
    if (end > this.#ids.length) this.#ids = moved(this.#ids, new Int32Array(2 * end));
    if (this.#count + 1 === this.#starts.length)
      this.#starts = moved(this.#starts, new Float64Array(2 * this.#starts.length));
    this.#ids.set(row, this.#end);
    this.#end = end;
    this.#starts[++this.#count] = end;
  }

  finish(): Sequences {
    return new Sequences(this.#ids.slice(0, this.#end), this.#starts.slice(0, this.#count + 1));
  }
}

function moved<A extends Int32Array | Float64Array>(list: A, room: A): A {
  room.set(list);
  return room;
}
