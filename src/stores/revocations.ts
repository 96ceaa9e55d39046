/**
 * What was taken back here lately. A gateway takes no lock: one that read the files before a revocation and writes them
 * after it brings the device back, and nobody would know.
 */
import { createHash } from 'node:crypto';
import { approvedRoles, tokenRow, usableRoles } from './grants.js';
import { without } from './revoke-change.js';
import { isRow, numberOf, textOf, union } from './row-fields.js';
import { isPendingTable, type Row, type TableName } from './tables.js';

/** For so long after it was taken back, or brought back last. */
const KEPT_MS = 60_000;
/** So many rows, and so many grants of each; the oldest are forgotten first. */
const MAX_ROWS = 50_000;
const MAX_PRINTS = 8;

/** Grants that were taken back, by their prints: no secret is kept. */
export class Revocations {
  readonly #now: () => number;
  /** By row, the one that was revoked last at the end: when each print is forgotten. */
  readonly #rows = new Map<string, Map<string, number>>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes what a row of ours has lost, and what it has again. */
  note(table: TableName, key: string, before: Row | undefined, after: Row | undefined): void {
    if (isPendingTable(table) || (!before && !this.#rows.has(nameOf(table, key)))) return;
    const kept = after ? grantsOf(table, after) : [];
    const isSameDevice = textOf(before, 'publicKey') === textOf(after, 'publicKey');
    const lost = before
      ? grantsOf(table, before).filter((grant) => !isSameDevice || !kept.includes(grant))
      : [];
    if (before) for (const grant of lost) this.#remember(table, key, printsOf(before, grant));
    const prints = this.#rows.get(nameOf(table, key));
    if (!after || !prints) return;
    for (const print of kept.flatMap((grant) => printsOf(after, grant))) prints.delete(print);
  }

  /** What is left of a row that somebody else wrote: itself, unless something in it was taken back. */
  mend(table: TableName, key: string, given: () => Row | undefined): Row | undefined | 'as it is' {
    const known = this.#rows.get(nameOf(table, key));
    const row = known && given();
    if (!known || !row) return 'as it is';
    const now = this.#now();
    const undone = namedGrants(table, row).filter((grant) =>
      printsOf(row, grant).some((print) => (known.get(print) ?? 0) > now),
    );
    if (undone.length === 0) return 'as it is';
    // Whoever holds an old copy may write it again.
    for (const grant of undone) this.#remember(table, key, printsOf(row, grant));
    if (table === 'nodes/paired') return undefined;
    return undone.reduce<Row | undefined>((left, role) => left && without(left, role), row);
  }

  #remember(table: TableName, key: string, prints: readonly string[]): void {
    const name = nameOf(table, key);
    const now = this.#now();
    const kept = this.#rows.get(name) ?? new Map<string, number>();
    for (const print of prints) {
      kept.delete(print);
      kept.set(print, now + KEPT_MS);
    }
    for (const print of kept.keys()) {
      if (kept.size <= MAX_PRINTS) break;
      kept.delete(print);
    }
    this.#rows.delete(name);
    this.#rows.set(name, kept);
    this.#forgetOld(now);
  }

  #forgetOld(now: number): void {
    for (const [name, prints] of this.#rows) {
      const isKept = [...prints.values()].some((until) => until > now);
      if (isKept && this.#rows.size <= MAX_ROWS) return;
      this.#rows.delete(name);
    }
  }
}

/** The whole of a node's surface is one grant. */
const SURFACE = '';

function grantsOf(table: TableName, row: Row): readonly string[] {
  return table === 'nodes/paired' ? [SURFACE] : usableRoles(row);
}

/** All that a row could grant, in whatever form. */
function namedGrants(table: TableName, row: Row): readonly string[] {
  if (table === 'nodes/paired') return [SURFACE];
  const tokens: unknown = row['tokens'];
  return union(approvedRoles(row), isRow(tokens) ? Object.keys(tokens) : []);
}

/** What tells one approval of a grant from the next: its token, and the time of the approval. */
function printsOf(row: Row, grant: string): readonly string[] {
  const token = textOf(grant === SURFACE ? row : tokenRow(row, grant), 'token');
  const at = numberOf(row, 'approvedAtMs');
  return [token === undefined ? [] : ['token', token], at === undefined ? [] : ['at', at]]
    .filter((mark) => mark.length > 0)
    .map((mark) => printOf([textOf(row, 'publicKey') ?? null, grant, ...mark]));
}

function printOf(marks: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(marks)).digest('base64url');
}

function nameOf(table: TableName, key: string): string {
  return `${table}:${key}`;
}
