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
    const staged: StagedTable[] = [];
    try {
      for (const table of TABLES) await this.#stage(table, staged);
      if (!this.#tables.isCurrent() || !lock.isHeld()) return false;
      if (!this.#placeAll(staged)) return false;
    } finally {
      for (const { staged: one } of staged) await dropStaged(one);
    }
    const folders = new Set(staged.map(({ staged: { target } }) => dirname(target)));
    for (const folder of folders) await syncFolder(folder);
    return true;
  }

  async #stage(table: TableName, staged: StagedTable[]): Promise<void> {
    const edits = this.#edits.get(table) ?? new Map<string, Row | undefined>();
    const document = this.#tables.document(table);
    if (edits.size === 0 && document.undone.size === 0) return;
    const { pieces, changes } = await document.encode(edits);
    const folder = dirname(document.path);
    if (!swept.has(folder)) await dropLeftovers(folder);
    swept.add(folder);
    staged.push({ table, changes, staged: await stageFile(document.path, pieces) });
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
