/** One write: all files that change, each whole, none over what somebody else has written meanwhile. */
import { dirname } from 'node:path';
import type { FileTables } from './file-tables.js';
import {
  dropLeftovers,
  dropStaged,
  placeFile,
  printOfPlaced,
  type Staged,
  stageFile,
  syncFolder,
} from './replace-file.js';
import type { Encoded } from './store-document.js';
import type { StoreLock } from './store-lock.js';
import { type Row, TABLES, type TableName } from './tables.js';

/** Folders that this process has looked through for what dead ones left. */
const swept = new Set<string>();

const NO_EDITS: ReadonlyMap<string, Row | undefined> = new Map();

interface StagedTable {
  readonly table: TableName;
  readonly changes: Encoded['changes'];
  readonly staged: Staged;
}

export class FileWrite {
  /** Whom what was written concerns. */
  readonly deviceIds = new Set<string>();
  readonly #tables: FileTables;
  readonly #edits: ReadonlyMap<TableName, ReadonlyMap<string, Row | undefined>>;

  constructor(
    tables: FileTables,
    edits: ReadonlyMap<TableName, ReadonlyMap<string, Row | undefined>>,
  ) {
    this.#tables = tables;
    this.#edits = edits;
  }

  /** Resolves when all is on the disk; to false where nothing was written because the files changed. */
  async run(lock: StoreLock): Promise<boolean> {
    const tables = TABLES.filter((table) => this.#isToWrite(table));
    for (const table of tables) await this.#sweep(table);
    // At the same time: most of it is waiting for the disk.
    const outcomes = await Promise.allSettled(tables.map((table) => this.#stage(table)));
    const staged = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    let isPlaced = false;
    try {
      for (const one of outcomes) if (one.status === 'rejected') throw one.reason;
      if (!this.#tables.isCurrent() || !lock.isHeld()) return false;
      isPlaced = this.#placeAll(staged);
      if (!isPlaced) return false;
    } finally {
      if (!isPlaced) for (const { staged: one } of staged) await dropStaged(one);
    }
    const folders = new Set(staged.map(({ staged: { target } }) => dirname(target)));
    for (const folder of folders) await syncFolder(folder);
    return true;
  }

  #isToWrite(table: TableName): boolean {
    return (this.#edits.get(table)?.size ?? 0) + this.#tables.document(table).undone.size > 0;
  }

  /** Before anything is staged in that folder. */
  async #sweep(table: TableName): Promise<void> {
    const folder = dirname(this.#tables.document(table).path);
    if (!swept.has(folder)) await dropLeftovers(folder);
    swept.add(folder);
  }

  async #stage(table: TableName): Promise<StagedTable> {
    const document = this.#tables.document(table);
    const { pieces, changes } = await document.encode(this.#edits.get(table) ?? NO_EDITS);
    return { table, changes, staged: await stageFile(document.path, pieces) };
  }

  /**
   * Puts all in place at once, without a turn in between. What is paired comes first: should the machine stop in the
   * middle, a request that was granted still stands there, which harms nobody.
   */
  #placeAll(staged: readonly StagedTable[]): boolean {
    for (const { table, changes, staged: one } of staged) {
      const document = this.#tables.document(table);
      // Right before, for the sake of a gateway: what little is left between the two is a few system calls.
      if (!document.isCurrent() || !placeFile(one, document.print)) return false;
      this.#tables.placed(table, changes, printOfPlaced(one), this.deviceIds);
    }
    return true;
  }
}
