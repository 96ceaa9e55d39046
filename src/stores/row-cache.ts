/** Rows that were looked at lately, so that a busy device's is not parsed at each connect. */
import type { StoredEntry } from './stored-entry.js';
import type { Row } from './tables.js';

/** So many rows of those that are looked at most are kept, and up to twice as many in all. */
const MAX_ROWS = 4_096;

/** The rows of entries, which never change. Its memory is bounded: what was looked at longest ago goes. */
export class RowCache {
  readonly #max: number;
  #young = new Map<StoredEntry, Row | undefined>();
  #old: ReadonlyMap<StoredEntry, Row | undefined> = new Map();

  constructor(max: number = MAX_ROWS) {
    this.#max = max;
  }

  /** The row of an entry. */
  of(entry: StoredEntry): Row | undefined {
    const young = this.#young.get(entry);
    if (young) return young;
    // INVARIANT: it is frozen; else whoever was handed it could change what is in force.
    const row = this.#old.get(entry) ?? frozen(entry.row());
    if (this.#young.size >= this.#max) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(entry, row);
    return row;
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
