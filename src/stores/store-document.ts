/** One file of a store, as it was when it was last good. */
import { setTimeout as delay } from 'node:timers/promises';
import { PairPolicyError, type Problem, startOf, visible } from '../model/index.js';
import { type FilePrint, printOf } from './file-print.js';
import { JsonFault } from './json-scanner.js';
import { placeOf } from './place-of.js';
import { comesBack, type FileText, readStoreFile } from './read-store-file.js';
import { type Entries, type Scanned, scanStore } from './scan-store.js';
import { unreadable } from './store-errors.js';
import { encodeEntry, encodeFile, type StoredEntry } from './stored-entry.js';
import type { Row } from './tables.js';

/** What reading a file again came to. */
export interface Reread {
  readonly changed: ReadonlySet<string>;
  /** What is new of problems; the last good state stays in force, unless it is but a warning. */
  readonly problems: readonly Problem[];
}

/** A new text of a file, and the entries that it changes; undefined where they go. */
export interface Encoded {
  readonly pieces: readonly Buffer[];
  readonly changes: ReadonlyMap<string, StoredEntry | undefined>;
}

/** What is left of a row that somebody else wrote. */
export type Mend = (key: string, row: () => Row | undefined) => Row | undefined | 'as it is';

const NOTHING: Reread = { changed: new Set(), problems: [] };
const LOOK_MS = 50;

export class StoreDocument {
  readonly path: string;
  #entries = new Map<string, StoredEntry>();
  /** The state of the file that was looked at last, good or bad; null where it must be looked at again. */
  #print: FilePrint | undefined | null = null;
  /** What is wrong with that state. */
  #problems: readonly Problem[] = [];
  #undone: ReadonlySet<string> = new Set();

  constructor(path: string) {
    this.path = path;
  }

  get entries(): Entries {
    return this.#entries;
  }

  /** The rows of the file that are in force without what was mended: the file is to be written. */
  get undone(): ReadonlySet<string> {
    return this.#undone;
  }

  /** Why the file must not be written. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** The state of the file that was looked at last; undefined where there was none. */
  get print(): FilePrint | undefined {
    return this.#print ?? undefined;
  }

  /** Whether the file is as it was when it was looked at. */
  isCurrent(): boolean {
    return this.#print !== null && this.#print === printOf(this.path);
  }

  /** Takes over what the file holds now. `isThere` is whether its state folder is. */
  async reread(isThere: () => boolean, mend: Mend): Promise<Reread> {
    if (this.isCurrent()) return NOTHING;
    // Where it cannot even be read, it is to be tried again.
    this.#print = null;
    try {
      const text = await this.#readText(isThere);
      if (!text) return this.#vanished();
      const { entries, changed } = await this.#scan(text);
      const undone = mendAll(entries, changed, mend);
      this.#problems = [];
      this.#undone = undone;
      this.#entries = entries;
      return { changed, problems: undone.size > 0 ? [undoneWarning(this.path, undone)] : [] };
    } catch (error) {
      if (!(error instanceof PairPolicyError)) throw error;
      return this.#bad(error.problems);
    }
  }

  /** The new text of the file, in pieces, and what is new in it. */
  async encode(edits: ReadonlyMap<string, Row | undefined>): Promise<Encoded> {
    const changes = new Map<string, StoredEntry | undefined>();
    for (const [key, row] of edits) changes.set(key, row && encodeEntry(key, row));
    return { pieces: await encodeFile(this.#with(changes)), changes };
  }

  /** Takes over what was placed; without a print, somebody else has replaced it already. */
  placed(changes: Encoded['changes'], print: FilePrint | undefined): void {
    // In place: a copy of 100,000 entries for each change would hold up everybody else.
    for (const [key, entry] of changes) {
      if (entry) this.#entries.set(key, entry);
      else this.#entries.delete(key);
    }
    this.#print = print ?? null;
    this.#problems = [];
    this.#undone = new Set();
  }

  *#with(changes: Encoded['changes']): Iterable<StoredEntry> {
    for (const [key, old] of this.#entries) {
      const entry = changes.has(key) ? changes.get(key) : old;
      if (entry) yield entry;
    }
    for (const [key, entry] of changes) if (entry && !this.#entries.has(key)) yield entry;
  }

  async #readText(isThere: () => boolean): Promise<FileText | undefined> {
    const text = await readStoreFile(this.path);
    if (text || this.#entries.size === 0) return text;
    // Editors and scripts take a file away for a moment; only what stays away was meant.
    if (await comesBack(this.path)) return await this.#readText(isThere);
    if (isThere()) return undefined;
    throw new PairPolicyError([unreadable(startOf(this.path), 'the state folder is gone')]);
  }

  async #scan(text: FileText): Promise<Scanned> {
    try {
      const scanned = await scanStore(text.bytes, this.#entries);
      this.#print = text.print;
      return scanned;
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      const again = text.isFresh ? await this.#readLater() : undefined;
      if (again) return await this.#scan(again);
      this.#print = text.print;
      const place = placeOf(this.path, text.bytes, error.offset);
      throw new PairPolicyError([unreadable(place, error.message)]);
    }
  }

  /** Whoever writes in place has not ended perhaps. */
  async #readLater(): Promise<FileText | undefined> {
    await delay(LOOK_MS);
    return await readStoreFile(this.path);
  }

  /** A file that stays away was taken away by a person, to begin anew: nobody is let in by it any more. */
  #vanished(): Reread {
    const changed = new Set(this.#entries.keys());
    this.#print = undefined;
    this.#problems = [];
    this.#undone = new Set();
    this.#entries = new Map();
    return { changed, problems: changed.size > 0 ? [goneWarning(this.path, changed.size)] : [] };
  }

  #bad(problems: readonly Problem[]): Reread {
    const isTold = JSON.stringify(problems) === JSON.stringify(this.#problems);
    this.#problems = problems;
    return { changed: new Set(), problems: isTold ? [] : problems };
  }
}

/** Puts the changed entries right before they are in force; the answer is which were not. */
function mendAll(
  entries: Map<string, StoredEntry>,
  changed: ReadonlySet<string>,
  mend: Mend,
): ReadonlySet<string> {
  const undone = new Set<string>();
  for (const key of changed) {
    const mended = mend(key, () => entries.get(key)?.row());
    if (mended === 'as it is') continue;
    undone.add(key);
    if (mended) entries.set(key, encodeEntry(key, mended));
    else entries.delete(key);
  }
  return undone;
}

const MAX_NAMED = 5;

function undoneWarning(file: string, undone: ReadonlySet<string>): Problem {
  const names = [...undone].slice(0, MAX_NAMED).map((key) => `\`${visible(key)}\``);
  const more = undone.size > MAX_NAMED ? ` and ${undone.size - MAX_NAMED} more` : '';
  return {
    ...startOf(file),
    code: 'REVOKE_UNDONE',
    severity: 'warning',
    message: `what was revoked here was written again by another program, and is revoked again: ${names.join(', ')}${more}`,
    hint: 'a gateway that held an old copy may have done so; look whether the device is still connected to it',
  };
}

function goneWarning(file: string, count: number): Problem {
  return {
    ...startOf(file),
    code: 'FILE_NOT_FOUND',
    severity: 'warning',
    message: `the file is gone, and with it its ${count} entries`,
    hint: 'where that was not meant, put a copy back in its place; it is read at once',
  };
}
