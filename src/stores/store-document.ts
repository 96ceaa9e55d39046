/** One file of a store, as it was when it was last good. */
import { setTimeout as delay } from 'node:timers/promises';
import { PairPolicyError, type Problem, startOf } from '../model/index.js';
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

const NOTHING: Reread = { changed: new Set(), problems: [] };
const LOOK_MS = 50;
const NO_ENTRIES: Entries = new Map();

export class StoreDocument {
  readonly path: string;
  #entries: Entries = NO_ENTRIES;
  /** The state of the file that was looked at last, good or bad; null where it must be looked at again. */
  #print: FilePrint | undefined | null = null;
  /** What is wrong with that state. */
  #problems: readonly Problem[] = [];

  constructor(path: string) {
    this.path = path;
  }

  get entries(): Entries {
    return this.#entries;
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
  async reread(isThere: () => boolean): Promise<Reread> {
    if (this.isCurrent()) return NOTHING;
    // Where it cannot even be read, it is to be tried again.
    this.#print = null;
    try {
      const text = await this.#readText(isThere);
      if (!text) return this.#vanished();
      const { entries, changed } = await this.#scan(text);
      this.#problems = [];
      this.#entries = entries;
      return { changed, problems: [] };
    } catch (error) {
      if (!(error instanceof PairPolicyError)) throw error;
      return this.#bad(error.problems);
    }
  }

  /** The new text of the file, in pieces, and the entries that it will have. */
  encode(edits: ReadonlyMap<string, Row | undefined>): {
    readonly pieces: readonly Buffer[];
    readonly entries: Map<string, StoredEntry>;
  } {
    const entries = new Map(this.#entries);
    for (const [key, row] of edits) {
      if (row) entries.set(key, encodeEntry(key, row));
      else entries.delete(key);
    }
    return { pieces: encodeFile(entries.values()), entries };
  }

  /** Takes over what was placed; without a print, somebody else has replaced it already. */
  placed(entries: Map<string, StoredEntry>, print: FilePrint | undefined): void {
    this.#entries = entries;
    this.#print = print ?? null;
    this.#problems = [];
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
    this.#entries = NO_ENTRIES;
    return { changed, problems: changed.size > 0 ? [goneWarning(this.path, changed.size)] : [] };
  }

  #bad(problems: readonly Problem[]): Reread {
    const isTold = JSON.stringify(problems) === JSON.stringify(this.#problems);
    this.#problems = problems;
    return { changed: new Set(), problems: isTold ? [] : problems };
  }
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
