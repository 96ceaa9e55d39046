import { ExpiryOrder } from './expiry-order.js';
import { OriginCounts, originOfRow } from './pending-room.js';
import { expiryOf } from './pending-view.js';
import { deviceOf, PENDING_TABLES, type PendingTable, type Row, type Tables } from './tables.js';

/** Which requests a device has in which pending table, and which of all have expired. */
export class RequestIndex {
  readonly #byDevice = new Map<string, Set<string>>();
  readonly #owners = new Map<string, string>();
  readonly #origins = new Map<string, string>();
  readonly #counts = new Map(PENDING_TABLES.map((table) => [table, new OriginCounts()]));
  readonly #expiries = new Map(PENDING_TABLES.map((table) => [table, new ExpiryOrder()]));

  /** Notes what a row is about now; undefined where it is gone. */
  set(table: PendingTable, requestId: string, row: Row | undefined): void {
    const name = `${table}:${requestId}`;
    this.#expiries.get(table)?.set(requestId, row && expiryOf(row));
    this.#count(table, name, row);
    const owner = this.#owners.get(name);
    if (owner !== undefined) this.#drop(owner, name);
    const deviceId = row && deviceOf(table, requestId, row);
    if (deviceId === undefined) return;
    this.#owners.set(name, deviceId);
    const names = this.#byDevice.get(deviceId) ?? new Set();
    this.#byDevice.set(deviceId, names.add(name));
  }

  /** The requests of a table that may have expired. */
  expired(table: PendingTable, now: number): readonly string[] {
    return this.#expiries.get(table)?.until(now) ?? [];
  }

  /** How many requests a table has, and how many of them from one origin. */
  waiting(table: PendingTable, origin: string): ReturnType<Tables['waiting']> {
    const counts = this.#counts.get(table);
    return { all: counts?.all ?? 0, ofOrigin: counts?.of(origin) ?? 0 };
  }

  *of(deviceId: string): Iterable<{ readonly table: PendingTable; readonly requestId: string }> {
    for (const name of this.#byDevice.get(deviceId) ?? []) {
      for (const table of PENDING_TABLES) {
        if (!name.startsWith(`${table}:`)) continue;
        yield { table, requestId: name.slice(table.length + 1) };
      }
    }
  }

  #count(table: PendingTable, name: string, row: Row | undefined): void {
    const counts = this.#counts.get(table);
    const before = this.#origins.get(name);
    if (before !== undefined) counts?.add(before, -1);
    this.#origins.delete(name);
    if (!row) return;
    const origin = originOfRow(row);
    counts?.add(origin, 1);
    this.#origins.set(name, origin);
  }

  #drop(owner: string, name: string): void {
    this.#owners.delete(name);
    const names = this.#byDevice.get(owner);
    names?.delete(name);
    if (names?.size === 0) this.#byDevice.delete(owner);
  }
}
