/** When devices were seen and asked: written down some time soon, with whatever else is written. */
import { numberOf } from './row-fields.js';
import type { Change, Edit, PendingTable, TableName } from './tables.js';

/** A request that was asked once more. */
export interface Asked {
  readonly table: PendingTable;
  readonly requestId: string;
  /** In ms since the epoch. */
  readonly at: number;
}

/** What was noted up to a moment. */
export interface NotedSoFar {
  readonly seen: ReadonlyMap<string, number>;
  readonly asked: readonly Asked[];
}

/** The times that are still to be written, the last of each device and request. */
export class NotedTimes {
  readonly #seen = new Map<string, number>();
  readonly #asked = new Map<string, Asked>();

  /** Notes that a device was seen; false where it is known to have been seen later. */
  seen(deviceId: string, at: number): boolean {
    if ((this.#seen.get(deviceId) ?? 0) >= at) return false;
    this.#seen.set(deviceId, at);
    return true;
  }

  asked(asked: Asked): void {
    this.#asked.set(nameOf(asked), asked);
  }

  get isEmpty(): boolean {
    return this.#seen.size + this.#asked.size === 0;
  }

  /** What is to be written to the tables that are wanted. */
  soFar(isWanted: (table: TableName) => boolean = () => true): NotedSoFar {
    return {
      seen: new Map(isWanted('devices/paired') ? this.#seen : []),
      asked: [...this.#asked.values()].filter(({ table }) => isWanted(table)),
    };
  }

  /** Forgets what is written, but for what was noted again since. */
  forget({ seen, asked }: NotedSoFar): void {
    for (const [deviceId, at] of seen) {
      if (this.#seen.get(deviceId) === at) this.#seen.delete(deviceId);
    }
    for (const one of asked) {
      if (this.#asked.get(nameOf(one)) === one) this.#asked.delete(nameOf(one));
    }
  }
}

/** Notes all of it. */
export function notedChange({ seen, asked }: NotedSoFar): Change<void> {
  return (tables, now) => {
    const edits = [seenChange(seen), askedChange(asked)].flatMap(
      (change) => change(tables, now).edits,
    );
    return { edits, result: undefined };
  };
}

/** Notes when devices were seen, where they are still paired and not known to have been seen later. */
export function seenChange(seen: ReadonlyMap<string, number>): Change<void> {
  return (tables) => {
    const edits: Edit[] = [];
    for (const [key, at] of seen) {
      const row = tables.row('devices/paired', key);
      if (!row || (numberOf(row, 'lastSeenAtMs') ?? 0) >= at) continue;
      edits.push({ table: 'devices/paired', key, row: { ...row, lastSeenAtMs: at } });
    }
    return { edits, result: undefined };
  };
}

/** Notes when requests were asked again, where they still wait. */
export function askedChange(asked: readonly Asked[]): Change<void> {
  return (tables) => {
    const edits: Edit[] = [];
    for (const { table, requestId: key, at } of asked) {
      const row = tables.row(table, key);
      if (!row || (numberOf(row, 'refreshedAtMs') ?? 0) >= at) continue;
      edits.push({ table, key, row: { ...row, refreshedAtMs: at } });
    }
    return { edits, result: undefined };
  };
}

function nameOf({ table, requestId }: Asked): string {
  return `${table}:${requestId}`;
}
