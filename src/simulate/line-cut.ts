/**
 * A line without what is another one each time that a device connects: its `ts` and its `requestId`. They are looked
 * for where gateways write them, at the start and at the end; elsewhere they stay.
 */
import { COMMA, findQuote, LEFT_BRACE, RIGHT_BRACE, skipDigits } from './json-bytes.js';

/** `"ts"` and, in three parts, `"requestId":` as little-endian words; `:"` follows the last. */
const TS = 0x22737422;
const REQUEST_ID = [0x71657222, 0x74736575, 0x3a226449] as const;
const REQUEST_ID_LENGTH = 13;
const TS_LENGTH = 5;
const COLON = 0x3a;
const QUOTE = 0x22;

/** How far from the end of a line the time is looked for. */
const TAIL = 96;
/** Numbers of so many digits are exact, and moments in time. */
const EXACT_DIGITS = 15;
/** What is cut out, at most: one time and one id. */
const HOLES = 2;

/** Finds the stretches of a line that stay. It is used again for each line, so that nothing is allocated. */
export class LineCut {
  /** Where the stretches start and end; the last holds the line feed. */
  readonly starts = new Int32Array(HOLES + 1);
  readonly ends = new Int32Array(HOLES + 1);
  count = 0;
  /** Where the time that was cut out stands, or -1; and the time. */
  timeAt = -1;
  time = 0;
  #from = 0;

  /** Cuts the line from `start` to its line feed at `end`. */
  cut(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    this.count = 0;
    this.timeAt = -1;
    this.#from = start;
    if (bytes[start] === LEFT_BRACE && end - start > TAIL) {
      const at = this.#cutHead(bytes, view, start + 1, end);
      if (this.timeAt < 0) this.#cutTail(bytes, view, Math.max(at, end - TAIL), end);
    }
    this.#keepUpTo(end + 1, end + 1);
  }

  #cutHead(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    let at = start;
    while (this.count < HOLES && at < end - TAIL) {
      const next = this.#cutTime(bytes, view, at) || this.#cutId(bytes, view, at);
      if (next === 0) break;
      if (bytes[next] !== COMMA) return next;
      at = next + 1;
    }
    return at;
  }

  #cutTail(bytes: Uint8Array, view: DataView, first: number, end: number): void {
    for (let at = end - TS_LENGTH - 2; at >= first; at -= 1) {
      if (bytes[at + 4] === COLON && this.#cutTime(bytes, view, at) > 0) return;
    }
  }

  /** The end of the time that stands at `at`; 0 where none does. */
  #cutTime(bytes: Uint8Array, view: DataView, at: number): number {
    if (this.timeAt >= 0 || view.getInt32(at, true) !== TS) return 0;
    const start = at + TS_LENGTH;
    if (bytes[at + 4] !== COLON || !isDigitFrom1(bytes[start])) return 0;
    const end = skipDigits(bytes, start);
    const after = bytes[end];
    if (end - start > EXACT_DIGITS || (after !== COMMA && after !== RIGHT_BRACE)) return 0;
    this.timeAt = start;
    this.time = readDigits(bytes, start, end);
    this.#keepUpTo(start, end);
    return end;
  }

  #cutId(bytes: Uint8Array, view: DataView, at: number): number {
    for (let i = 0; i < REQUEST_ID.length; i += 1) {
      if (view.getInt32(at + i * 4, true) !== REQUEST_ID[i]) return 0;
    }
    const start = at + REQUEST_ID_LENGTH;
    if (bytes[start - 1] !== QUOTE) return 0;
    const end = findQuote(bytes, start);
    if (end < 0) return 0;
    this.#keepUpTo(start, end);
    return end + 1;
  }

  #keepUpTo(end: number, next: number): void {
    this.starts[this.count] = this.#from;
    this.ends[this.count] = end;
    this.count += 1;
    this.#from = next;
  }
}

/** The number that some digits say; there are few enough for it to be exact. */
export function readDigits(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i += 1) value = value * 10 + ((bytes[i] as number) - 0x30);
  return value;
}

/** Whether a byte begins a number that is a plain run of digits. */
export function isDigitFrom1(byte: number | undefined): boolean {
  return byte !== undefined && byte > 0x30 && byte <= 0x39;
}
