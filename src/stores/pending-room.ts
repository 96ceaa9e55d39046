/** How many requests may wait, and how many of them from one address. */
import { originOf } from '../live/index.js';
import { parseAddress } from '../model/index.js';
import { hasExpired } from './pending-view.js';
import { pendingFull } from './store-errors.js';
import type { PendingTable, Row, Tables } from './tables.js';

export interface PendingBounds {
  /** How many requests may wait in each of the two stores. 4,000 unless given. */
  readonly maxPending?: number | undefined;
  /** How many may wait from one address (IPv6: one /64; all whose address is unknown together). 100 unless given. */
  readonly maxPendingPerAddress?: number | undefined;
}

/** An address may have this part of what is free, so that some room is always left for those that have none. */
const SHARE = 4;

/** How many requests there are by where they come from. */
export class OriginCounts {
  readonly #counts = new Map<string, number>();
  #all = 0;

  add(origin: string, by: 1 | -1): void {
    const count = this.of(origin) + by;
    if (count === 0) this.#counts.delete(origin);
    else this.#counts.set(origin, count);
    this.#all += by;
  }

  get all(): number {
    return this.#all;
  }

  of(origin: string): number {
    return this.#counts.get(origin) ?? 0;
  }
}

/** Where a request comes from. */
export function originOfRow(row: Row): string {
  return originOf(parseAddress(row['remoteIp']));
}

/** A request as it is to be, and as it was. */
export interface Asking {
  readonly table: PendingTable;
  readonly row: Row;
  readonly old: Row | undefined;
}

/**
 * Fails with `PENDING_FULL` where a request may not wait that is new, or comes from another address than before. What
 * waits already is never dropped for it.
 */
export function checkRoom(
  tables: Tables,
  { table, row, old }: Asking,
  now: number,
  { maxPending = 4_000, maxPendingPerAddress = 100 }: PendingBounds,
): void {
  const origin = originOfRow(row);
  // INVARIANT: one that moves is counted as well; else two addresses could pass any number from one to the other.
  if (old && originOfRow(old) === origin) return;
  const hasRoom = (all: number, ofOrigin: number) =>
    all < maxPending &&
    ofOrigin < Math.min(maxPendingPerAddress, Math.ceil((maxPending - all) / SHARE));
  const { all: standing, ofOrigin } = tables.waiting(table, origin);
  const all = old ? standing - 1 : standing;
  if (hasRoom(all, ofOrigin)) return;
  // Those that have expired are still there until the next write.
  const gone = new OriginCounts();
  for (const key of tables.expired(table, now)) {
    const expired = tables.row(table, key);
    if (expired && hasExpired(expired, now)) gone.add(originOfRow(expired), 1);
  }
  if (!hasRoom(all - gone.all, ofOrigin - gone.of(origin))) throw pendingFull();
}
