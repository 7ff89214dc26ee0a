import { Room } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import type { Ints } from "../tensor.js";

/** The rows of a sparse gradient (V, D) that may differ from 0: those of the words that occurred since the last update. */
export class TouchedRows {
  readonly #room: Room;
  readonly #rows = new Set<number>();

  constructor(
    backend: Backend,
    readonly V: number,
  ) {
    this.#room = new Room(backend.arena);
  }

  add(ids: Ints): void {
    for (const id of ids.data) this.#rows.add(id);
  }

  clear(): void {
    this.#rows.clear();
  }

  /** In ascending order; undefined where they are all rows. They live until the next call. */
  get ids(): Ints | undefined {
    if (this.#rows.size === this.V) return undefined;
    const ids = this.#room.ints("ids", [this.V]).rows(0, this.#rows.size); // room for all: later updates touch more
    ids.data.set([...this.#rows].sort((a, b) => a - b));
    return ids;
  }
}
