import { OriginCounts, originOfRow } from './pending-room.js';
import { hasExpired } from './pending-view.js';
import { RequestIndex } from './request-index.js';
import {
  type Change,
  type Edit,
  isPendingTable,
  PENDING_TABLES,
  type PendingTable,
  type RequestRow,
  type Row,
  type TableName,
  type Tables,
} from './tables.js';

/** Throws where a table must not be changed. */
type Refuse = (table: TableName) => void;

/** Tables as they would be: changes work on it one after the other, and all of them are written in one go. */
export class Draft implements Tables {
  readonly #base: Tables;
  readonly #now: number;
  readonly #edits = new Map<TableName, Map<string, Row | undefined>>();
  readonly #requests = new RequestIndex();
  /** By how many requests it differs from the tables it began with. */
  readonly #counts = new Map(PENDING_TABLES.map((table) => [table, new OriginCounts()]));

  constructor(base: Tables, now: number) {
    this.#base = base;
    this.#now = now;
  }

  /** Makes a change, whole or, where it throws, not at all. */
  make<T>(change: Change<T>, refuse: Refuse = () => {}): T {
    const { edits, result } = change(this, this.#now);
    for (const { table } of edits) refuse(table);
    for (const edit of edits) this.#set(edit);
    return result;
  }

  /** Drops the expired requests of the files that are written anyway. */
  prune(): void {
    for (const table of PENDING_TABLES) {
      if (!this.touches(table)) continue;
      for (const key of this.#base.expired(table, this.#now)) {
        const row = this.row(table, key);
        if (row && hasExpired(row, this.#now)) this.#set({ table, key, row: undefined });
      }
    }
  }

  /** Whether a table is different from what it was. */
  touches(table: TableName): boolean {
    return (this.#edits.get(table)?.size ?? 0) > 0;
  }

  /** What is different from the tables it began with, by table. */
  edits(): ReadonlyMap<TableName, ReadonlyMap<string, Row | undefined>> {
    return this.#edits;
  }

  row(table: TableName, key: string): Row | undefined {
    const edits = this.#edits.get(table);
    return edits?.has(key) ? edits.get(key) : this.#base.row(table, key);
  }

  *keys(table: TableName): Iterable<string> {
    const edits = this.#edits.get(table);
    for (const key of this.#base.keys(table)) if (!edits?.has(key)) yield key;
    for (const [key, row] of [...(edits ?? [])]) if (row) yield key;
  }

  *requestsOf(deviceId: string): Iterable<RequestRow> {
    for (const request of this.#base.requestsOf(deviceId)) {
      if (!this.#edits.get(request.table)?.has(request.requestId)) yield request;
    }
    for (const { table, requestId } of this.#requests.of(deviceId)) {
      const row = this.row(table, requestId);
      if (row) yield { table, requestId, row };
    }
  }

  expired(table: PendingTable, now: number): Iterable<string> {
    return this.#base.expired(table, now);
  }

  waiting(table: PendingTable, origin: string): ReturnType<Tables['waiting']> {
    const base = this.#base.waiting(table, origin);
    const differences = this.#counts.get(table);
    return {
      all: base.all + (differences?.all ?? 0),
      ofOrigin: base.ofOrigin + (differences?.of(origin) ?? 0),
    };
  }

  #set({ table, key, row }: Edit): void {
    if (isPendingTable(table)) this.#count(table, this.row(table, key), row);
    const edits = this.#edits.get(table) ?? new Map<string, Row | undefined>();
    this.#edits.set(table, edits);
    // What neither was nor is, is no difference.
    if (row === undefined && this.#base.row(table, key) === undefined) edits.delete(key);
    else edits.set(key, row);
    if (isPendingTable(table)) this.#requests.set(table, key, row);
  }

  #count(table: PendingTable, before: Row | undefined, after: Row | undefined): void {
    const counts = this.#counts.get(table);
    if (before) counts?.add(originOfRow(before), -1);
    if (after) counts?.add(originOfRow(after), 1);
  }
}
