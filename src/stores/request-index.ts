import { deviceOf, PENDING_TABLES, type PendingTable, type Row } from './tables.js';

/** Which requests a device has in which pending table. */
export class RequestIndex {
  readonly #byDevice = new Map<string, Set<string>>();
  readonly #owners = new Map<string, string>();

  /** Notes what a row is about now; undefined where it is gone. */
  set(table: PendingTable, requestId: string, row: Row | undefined): void {
    const name = `${table}:${requestId}`;
    const owner = this.#owners.get(name);
    if (owner !== undefined) this.#drop(owner, name);
    const deviceId = row && deviceOf(table, requestId, row);
    if (deviceId === undefined) return;
    this.#owners.set(name, deviceId);
    const names = this.#byDevice.get(deviceId) ?? new Set();
    this.#byDevice.set(deviceId, names.add(name));
  }

  *of(deviceId: string): Iterable<{ readonly table: PendingTable; readonly requestId: string }> {
    for (const name of this.#byDevice.get(deviceId) ?? []) {
      for (const table of PENDING_TABLES) {
        if (!name.startsWith(`${table}:`)) continue;
        yield { table, requestId: name.slice(table.length + 1) };
      }
    }
  }

  #drop(owner: string, name: string): void {
    this.#owners.delete(name);
    const names = this.#byDevice.get(owner);
    names?.delete(name);
    if (names?.size === 0) this.#byDevice.delete(owner);
  }
}
