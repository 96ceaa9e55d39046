/** The text of a store's file as its entries, in slices. */
import { isUtf8 } from 'node:buffer';
import {
  COLON,
  COMMA,
  JsonFault,
  JsonScanner,
  LEFT_BRACE,
  LEFT_BRACKET,
  RIGHT_BRACE,
  RIGHT_BRACKET,
} from './json-scanner.js';
import { Pace } from './pace.js';
import { StoredEntry } from './stored-entry.js';

/** The entries of a file, by key, in their order. */
export type Entries = ReadonlyMap<string, StoredEntry>;

/** What a file holds, and which of its keys are not as they were before. */
export interface Scanned {
  readonly entries: Map<string, StoredEntry>;
  readonly changed: ReadonlySet<string>;
}

/** More than any row; one that is longer holds up everybody else. */
const MAX_ROW_BYTES = 1024 * 1024;

/** Reads a file's entries; those that are as before are taken over as they are. Throws a `JsonFault`. */
export async function scanStore(bytes: Buffer, before: Entries): Promise<Scanned> {
  const scan = new StoreScan(bytes, before);
  await scan.run();
  return { entries: scan.entries, changed: await scan.changed() };
}

class StoreScan {
  readonly entries = new Map<string, StoredEntry>();
  readonly #bytes: Buffer;
  readonly #before: Entries;
  readonly #old: readonly StoredEntry[];
  readonly #oldKeys: readonly string[];
  readonly #scanner: JsonScanner;
  readonly #pace = new Pace();
  readonly #changed = new Set<string>();
  /** The entry of before that is likely to be the next. */
  #likely = 0;

  constructor(bytes: Buffer, before: Entries) {
    this.#bytes = bytes;
    this.#before = before;
    this.#old = [...before.values()];
    this.#oldKeys = [...before.keys()];
    this.#scanner = new JsonScanner(bytes);
  }

  async run(): Promise<void> {
    const start = this.#scanner.blanks(0);
    if (this.#bytes[start] === LEFT_BRACKET) return this.#emptyList(start);
    if (this.#bytes[0] === 0xef && this.#bytes[1] === 0xbb) {
      throw new JsonFault(0, 'a byte order mark, which gateways do not read');
    }
    if (start === this.#bytes.length) throw new JsonFault(0, 'the file is empty');
    if (this.#bytes[start] !== LEFT_BRACE) throw new JsonFault(start, 'this is no JSON object');
    const next = this.#scanner.blanks(start + 1);
    const end = this.#bytes[next] === RIGHT_BRACE ? next + 1 : await this.#all(next);
    this.#nothingAfter(end);
  }

  /** The keys that are new, gone or different. */
  async changed(): Promise<ReadonlySet<string>> {
    const fresh = [...this.#changed].filter((key) => !this.#before.has(key)).length;
    if (this.entries.size - fresh === this.#before.size) return this.#changed;
    for (const key of this.#oldKeys) {
      if (!this.entries.has(key)) this.#changed.add(key);
      if (this.#pace.isDue()) await this.#pace.rest();
    }
    return this.#changed;
  }

  async #all(at: number): Promise<number> {
    let next = at;
    for (;;) {
      this.#scanner.end = Math.min(this.#bytes.length, next + MAX_ROW_BYTES);
      next = this.#scanner.blanks(this.#known(next) ?? this.#entry(next));
      this.#scanner.end = this.#bytes.length;
      if (this.#bytes[next] === RIGHT_BRACE) return next + 1;
      next = this.#scanner.blanks(this.#scanner.mark(next, COMMA));
      if (this.#pace.isDue()) await this.#pace.rest();
    }
  }

  /** Steps over an entry that is byte for byte the next of before, or the one after that. */
  #known(at: number): number | undefined {
    for (const likely of [this.#likely, this.#likely + 1]) {
      const old = this.#old[likely];
      const key = this.#oldKeys[likely];
      if (!old || key === undefined) return undefined;
      const end = at + old.end - old.start;
      if (end > this.#bytes.length) continue;
      if (this.#bytes.compare(old.bytes, old.start, old.end, at, end) !== 0) continue;
      this.entries.set(key, old);
      this.#likely = likely + 1;
      return end;
    }
    return undefined;
  }

  #entry(at: number): number {
    const scanner = this.#scanner;
    try {
      const keyEnd = scanner.string(at);
      const valueStart = scanner.blanks(scanner.mark(scanner.blanks(keyEnd), COLON));
      const end = scanner.value(valueStart);
      if (!isUtf8(this.#bytes.subarray(at, end))) throw new JsonFault(at, 'not UTF-8 text');
      const key = String(JSON.parse(this.#bytes.toString('utf8', at, keyEnd)));
      const entry = new StoredEntry(this.#bytes, at, valueStart, end);
      // The first of all keeps the file's bytes, for it needs all of them; later ones need little.
      this.entries.set(key, this.#old.length > 0 ? entry.alone() : entry);
      if (!this.#before.get(key)?.hasSameBytes(entry)) this.#changed.add(key);
      if (this.#oldKeys[this.#likely] === key) this.#likely += 1;
      return end;
    } catch (error) {
      const isTooLong = scanner.end < this.#bytes.length && error instanceof JsonFault;
      if (isTooLong && error.offset >= scanner.end) {
        throw new JsonFault(at, 'an entry of more than 1 MiB, which no gateway writes');
      }
      throw error;
    }
  }

  /** An old release wrote `[]` for an empty store. */
  #emptyList(start: number): void {
    const next = this.#scanner.blanks(start + 1);
    if (this.#bytes[next] !== RIGHT_BRACKET) {
      throw new JsonFault(start, 'a list, where a store is an object');
    }
    this.#nothingAfter(next + 1);
  }

  #nothingAfter(end: number): void {
    const rest = this.#scanner.blanks(end);
    if (rest < this.#bytes.length) throw new JsonFault(rest, 'something follows after the end');
  }
}
