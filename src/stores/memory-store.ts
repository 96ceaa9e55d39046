import type { OwnPairingStore } from '../live/index.js';
import { Draft } from './draft.js';
import { StoreListeners } from './listeners.js';
import { createMemoryBlockList } from './memory-block-list.js';
import { askedChange, seenChange } from './noted-times.js';
import { createOwnStore, type Keeper } from './own-store.js';
import type { PendingBounds } from './pending-room.js';
import { RequestIndex } from './request-index.js';
import {
  type Change,
  deviceOf,
  isPendingTable,
  type PendingTable,
  type RequestRow,
  type Row,
  TABLES,
  type TableName,
  type Tables,
} from './tables.js';

export interface MemoryStoreOptions extends PendingBounds {
  /** The clock, in ms since the epoch. */
  readonly now?: () => number;
}

/** A store that ends with the process: for tests, and for a gateway that keeps nothing. */
export function createMemoryStore(options: MemoryStoreOptions = {}): OwnPairingStore {
  const { now = Date.now } = options;
  const listeners = new StoreListeners();
  const blocks = createMemoryBlockList(() => listeners.tell('changed', { deviceIds: 'all' }));
  return createOwnStore(createMemoryKeeper(listeners, now), blocks, listeners, { ...options, now });
}

function createMemoryKeeper(listeners: StoreListeners, now: () => number): Keeper {
  const tables = new MemoryTables();
  const make = <T>(change: Change<T>): { result: T; deviceIds: ReadonlySet<string> } => {
    const draft = new Draft(tables, now());
    const result = draft.make(change);
    draft.prune();
    return { result, deviceIds: tables.apply(draft.edits()) };
  };
  const commit = <T>(change: Change<T>): T => {
    const { result, deviceIds } = make(change);
    if (deviceIds.size > 0) listeners.tell('changed', { deviceIds });
    return result;
  };
  return {
    tables,
    commit: async (change) => commit(change),
    noteSeen: (deviceId, at) => commit(seenChange(new Map([[deviceId, at]]))),
    noteAsked: (request, at) => {
      // Nobody decides otherwise because of it.
      make(askedChange([{ ...request, at }]));
      return true;
    },
    refresh: async () => {},
    close: async () => {},
  };
}

class MemoryTables implements Tables {
  readonly #rows = new Map(TABLES.map((table) => [table, new Map<string, Row>()] as const));
  readonly #requests = new RequestIndex();

  row(table: TableName, key: string): Row | undefined {
    return this.#rows.get(table)?.get(key);
  }

  keys(table: TableName): Iterable<string> {
    return this.#rows.get(table)?.keys() ?? [];
  }

  *requestsOf(deviceId: string): Iterable<RequestRow> {
    for (const { table, requestId } of this.#requests.of(deviceId)) {
      const row = this.row(table, requestId);
      if (row) yield { table, requestId, row };
    }
  }

  expired(table: PendingTable, now: number): Iterable<string> {
    return this.#requests.expired(table, now);
  }

  waiting(table: PendingTable, origin: string): ReturnType<Tables['waiting']> {
    return this.#requests.waiting(table, origin);
  }

  /** Takes the edits over; the answer is whom they concern. */
  apply(edits: ReturnType<Draft['edits']>): ReadonlySet<string> {
    const deviceIds = new Set<string>();
    for (const [table, rows] of edits) {
      for (const [key, row] of rows) {
        for (const version of [this.row(table, key), row]) {
          const id = version && deviceOf(table, key, version);
          if (id !== undefined) deviceIds.add(id);
        }
        if (row) this.#rows.get(table)?.set(key, row);
        else this.#rows.get(table)?.delete(key);
        if (isPendingTable(table)) this.#requests.set(table, key, row);
      }
    }
    return deviceIds;
  }
}
