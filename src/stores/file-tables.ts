/** The four files of a state folder as tables. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../model/index.js';
import { Pace } from './pace.js';
import { RequestIndex } from './request-index.js';
import { Revocations } from './revocations.js';
import { RowCache } from './row-cache.js';
import { type Encoded, StoreDocument } from './store-document.js';
import type { StoredEntry } from './stored-entry.js';
import {
  deviceOf,
  isPendingTable,
  type PendingTable,
  type RequestRow,
  type Row,
  TABLES,
  type TableName,
  type Tables,
} from './tables.js';

/** What reading the files again came to. */
export interface Refreshed {
  readonly deviceIds: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

export class FileTables implements Tables {
  readonly #stateDir: string;
  readonly #documents: ReadonlyMap<TableName, StoreDocument>;
  readonly #requests = new RequestIndex();
  readonly #rows = new RowCache();
  readonly #revocations: Revocations;

  constructor(stateDir: string, now: () => number) {
    this.#revocations = new Revocations(now);
    this.#stateDir = stateDir;
    this.#documents = new Map(
      TABLES.map((table) => [table, new StoreDocument(join(stateDir, `${table}.json`))]),
    );
  }

  document(table: TableName): StoreDocument {
    const document = this.#documents.get(table);
    // INVARIANT: there is one for each name.
    if (!document) throw new TypeError(`there is no table ${table}`);
    return document;
  }

  paths(): readonly string[] {
    return TABLES.map((table) => this.document(table).path);
  }

  row(table: TableName, key: string): Row | undefined {
    const entry = this.document(table).entries.get(key);
    return entry && this.#rows.of(entry);
  }

  keys(table: TableName): Iterable<string> {
    return this.document(table).entries.keys();
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

  /** Whether all of the state folder is gone, though there was something in it. */
  isGone(): boolean {
    const isKnown = TABLES.some((table) => this.document(table).entries.size > 0);
    return isKnown && !existsSync(this.#stateDir);
  }

  /** Whether every file is as it was looked at last. */
  isCurrent(): boolean {
    return TABLES.every((table) => this.document(table).isCurrent());
  }

  /** Whether a file holds again what was revoked: it is not in force, and goes with the next write. */
  get hasUndone(): boolean {
    return TABLES.some((table) => this.document(table).undone.size > 0);
  }

  /** Takes over what has changed in the files. */
  async reread(): Promise<Refreshed> {
    const deviceIds = new Set<string>();
    const problems: Problem[] = [];
    for (const table of TABLES) {
      const document = this.document(table);
      const before = document.entries;
      const reread = await document.reread(
        () => !this.isGone(),
        (key, row) => this.#revocations.mend(table, key, row),
      );
      problems.push(...reread.problems);
      await this.#note(table, reread.changed, before, deviceIds);
    }
    return { deviceIds, problems };
  }

  /** Takes over what was written to a file. */
  placed(
    table: TableName,
    changes: Encoded['changes'],
    print: string | undefined,
    deviceIds: Set<string>,
  ): void {
    const document = this.document(table);
    const before = new Map([...changes.keys()].map((key) => [key, document.entries.get(key)]));
    document.placed(changes, print);
    for (const [key, entry] of before) {
      this.#noteOne(table, key, entry, deviceIds);
      if (!isPendingTable(table)) {
        this.#revocations.note(table, key, entry?.row(), this.row(table, key));
      }
    }
  }

  async #note(
    table: TableName,
    keys: Iterable<string>,
    before: ReadonlyMap<string, StoredEntry>,
    deviceIds: Set<string>,
  ): Promise<void> {
    const pace = new Pace();
    for (const key of keys) {
      this.#noteOne(table, key, before.get(key), deviceIds);
      if (pace.isDue()) await pace.rest();
    }
  }

  #noteOne(
    table: TableName,
    key: string,
    before: StoredEntry | undefined,
    deviceIds: Set<string>,
  ): void {
    if (!isPendingTable(table)) {
      deviceIds.add(key);
      return;
    }
    const row = this.row(table, key);
    this.#requests.set(table, key, row);
    for (const version of [before?.row(), row]) {
      const id = version && deviceOf(table, key, version);
      if (id !== undefined) deviceIds.add(id);
    }
  }
}
