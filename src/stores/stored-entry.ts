import { Pace } from './pace.js';
import { isRow } from './row-fields.js';
import type { Row } from './tables.js';

/** One `"key": { … }` of a file, as the bytes it is written with: what nobody changes is written as it was read. */
export class StoredEntry {
  readonly bytes: Buffer;
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;

  constructor(bytes: Buffer, start: number, valueStart: number, end: number) {
    this.bytes = bytes;
    this.start = start;
    this.valueStart = valueStart;
    this.end = end;
  }

  /** The row; undefined where something else than an object stands there. */
  row(): Row | undefined {
    // INVARIANT: the scanner has seen all of it, so that this cannot throw, with a text that quotes it.
    const value: unknown = JSON.parse(this.bytes.toString('utf8', this.valueStart, this.end));
    return isRow(value) ? value : undefined;
  }

  hasSameBytes(other: StoredEntry): boolean {
    return this.bytes.compare(other.bytes, other.start, other.end, this.start, this.end) === 0;
  }

  /** The same bytes by themselves, so that a row does not keep all of a file in memory. */
  alone(): StoredEntry {
    const { bytes, start, valueStart, end } = this;
    const own = Buffer.from(bytes.subarray(start, end));
    return new StoredEntry(own, 0, valueStart - start, end - start);
  }
}

/** An entry as OpenClaw writes it. */
export function encodeEntry(key: string, row: Row): StoredEntry {
  const name = `${JSON.stringify(key)}: `;
  const text = JSON.stringify(row, null, 2).replaceAll('\n', '\n  ');
  const bytes = Buffer.from(name + text);
  return new StoredEntry(bytes, 0, Buffer.byteLength(name), bytes.length);
}

/** What stands between two entries in a file that OpenClaw wrote. */
const BETWEEN = Buffer.from(',\n  ');
const OPENING = Buffer.from('{\n  ');
const CLOSING = Buffer.from('\n}');
const EMPTY = Buffer.from('{}');

/** The text of a file in pieces: as OpenClaw writes it, with entries that nobody changed as they were. */
export async function encodeFile(entries: Iterable<StoredEntry>): Promise<readonly Buffer[]> {
  const pace = new Pace();
  const pieces: Buffer[] = [];
  let run: { readonly bytes: Buffer; readonly start: number; end: number } | undefined;
  for (const entry of entries) {
    if (pace.isDue()) await pace.rest();
    if (run?.bytes === entry.bytes && isBetween(entry.bytes, run.end, entry.start)) {
      run.end = entry.end;
      continue;
    }
    if (run) pieces.push(run.bytes.subarray(run.start, run.end), BETWEEN);
    run = { bytes: entry.bytes, start: entry.start, end: entry.end };
  }
  if (!run) return [EMPTY];
  return [OPENING, ...pieces, run.bytes.subarray(run.start, run.end), CLOSING];
}

function isBetween(bytes: Buffer, start: number, end: number): boolean {
  return end - start === BETWEEN.length && BETWEEN.compare(bytes, start, end) === 0;
}
