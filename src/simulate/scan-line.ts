/**
 * A line of a recording straight from its bytes: the fields that facts are made of, cleaned, without
 * making the record. Where it is not plain, the full parser must look.
 */
import {
  ACTIONS,
  type Action,
  CLEAN_FIELDS,
  type CleanFields,
  cleanField,
  isOneOf,
} from '../model/index.js';
import {
  COMMA,
  findQuote,
  LEFT_BRACE,
  LEFT_BRACKET,
  LINE_FEED,
  QUOTE,
  RIGHT_BRACE,
  skipBlanks,
  skipColon,
  skipDigits,
  skipValue,
  UNSURE,
} from './json-bytes.js';
import { isDigitFrom1, readDigits } from './line-cut.js';
import { ValueCache } from './value-cache.js';

/** The fields of a line, cleaned, with what it says must become or became of it. */
export type ScannedFields = { -readonly [Field in keyof CleanFields]: CleanFields[Field] } & {
  expect: Action | null | undefined;
  outcome: Action | null | undefined;
};

/** One field that is read: its place among the values, and how its values are cleaned. */
interface Field {
  readonly index: number;
  readonly clean: (value: unknown) => unknown;
  readonly isTime: boolean;
  readonly texts: ValueCache<Cached>;
  readonly lists: ValueCache<Cached>;
}

interface Cached {
  readonly value: unknown;
}

/** A name as it stands in lines; `field` is absent where its values are passed over. */
interface Name {
  readonly field: Field | undefined;
  /** What came after this name last time. */
  next: Name | undefined;
  readonly quoted: NameBytes;
}

interface NameBytes {
  readonly words: Int32Array;
  readonly mask: number;
  readonly length: number;
}

const FIELDS = [...CLEAN_FIELDS, 'expect', 'outcome', 'context'] as const;
type FieldName = (typeof FIELDS)[number];

/** Those of which nearly every connect has another value than the connect before. */
const VARIED: readonly FieldName[] = [
  'deviceId',
  'publicKey',
  'remoteIp',
  'displayName',
  'requestId',
];
const VARIED_TEXTS = { values: 16_384, maxBytes: 68, hashedBytes: 16 };
const TEXTS = { values: 256, maxBytes: 124, hashedBytes: 16 };
const LISTS = { values: 256, maxBytes: 252, hashedBytes: 24 };
const MAX_NAMES = 1024;
/** Numbers of so many digits are exact, and moments in time. */
const EXACT_DIGITS = 15;
/** A value that only the full parser can judge. */
const REFUSED = Symbol('refused');

/** Scans lines, one after the other, in a block of whole lines. */
export class LineScanner {
  readonly #names = new Map<string, Name>();
  readonly #first = nameOf('', undefined);
  readonly #values = new Array<unknown>(FIELDS.length).fill(undefined);
  #bytes: Buffer = Buffer.alloc(0);
  #size = 0;
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Where the `ts` of the line stands, if it is plain digits; else `UNSURE`. */
  timeAt = UNSURE;

  /** Fields that are `unread` are checked, and left out. */
  constructor(unread: ReadonlySet<string> = new Set()) {
    FIELDS.forEach((name, index) => {
      const field = unread.has(name) ? undefined : createField(name, index);
      this.#names.set(name, nameOf(name, field));
    });
  }

  /** INVARIANT: the block ends with a line feed. Without it a scan would run over its end. */
  begin(block: Buffer): void {
    this.#bytes = block;
    this.#size = block.length;
    this.#view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  }

  /** The line feed that ends the line at `start`, or `UNSURE`; then `fields` are those of the line. */
  scan(start: number): number {
    const bytes = this.#bytes;
    if (bytes[start] !== LEFT_BRACE) return UNSURE;
    this.#values.fill(undefined);
    this.timeAt = UNSURE;
    let at = skipBlanks(bytes, start + 1);
    let before = this.#first;
    for (;;) {
      const name = this.#readName(at, before);
      if (!name) return UNSURE;
      before = name;
      at = skipColon(bytes, at + name.quoted.length);
      if (at < 0) return UNSURE;
      at = name.field ? this.#readValue(at, name.field) : skipValue(bytes, at);
      if (at < 0) return UNSURE;
      at = skipBlanks(bytes, at);
      if (bytes[at] === RIGHT_BRACE) break;
      if (bytes[at] !== COMMA) return UNSURE;
      at = skipBlanks(bytes, at + 1);
    }
    at = skipBlanks(bytes, at + 1);
    return bytes[at] === LINE_FEED ? at : UNSURE;
  }

  /** The fields of the line that was scanned last. */
  fields(): ScannedFields {
    const values = this.#values;
    // In the order of `FIELDS`; written out, because an object that is made name by name is slow to read.
    return {
      ts: values[0] as ScannedFields['ts'],
      requestId: values[1] as ScannedFields['requestId'],
      deviceId: values[2] as ScannedFields['deviceId'],
      publicKey: values[3] as ScannedFields['publicKey'],
      remoteIp: values[4] as ScannedFields['remoteIp'],
      forwarded: values[5] as ScannedFields['forwarded'],
      clientId: values[6] as ScannedFields['clientId'],
      clientMode: values[7] as ScannedFields['clientMode'],
      clientVersion: values[8] as ScannedFields['clientVersion'],
      platform: values[9] as ScannedFields['platform'],
      deviceFamily: values[10] as ScannedFields['deviceFamily'],
      displayName: values[11] as ScannedFields['displayName'],
      browserOrigin: values[12] as ScannedFields['browserOrigin'],
      role: values[13] as ScannedFields['role'],
      roles: values[14] as ScannedFields['roles'],
      scopes: values[15] as ScannedFields['scopes'],
      commands: values[16] as ScannedFields['commands'],
      authMethod: values[17] as ScannedFields['authMethod'],
      authUser: values[18] as ScannedFields['authUser'],
      kind: values[19] as ScannedFields['kind'],
      gateway: values[20] as ScannedFields['gateway'],
      gatewayVersion: values[21] as ScannedFields['gatewayVersion'],
      isRepair: values[22] as ScannedFields['isRepair'],
      silent: values[23] as ScannedFields['silent'],
      expect: values[24] as ScannedFields['expect'],
      outcome: values[25] as ScannedFields['outcome'],
    };
  }

  /** The name that stands at `at`: most often the one that came here in the line before. */
  #readName(at: number, before: Name): Name | undefined {
    const expected = before.next;
    if (expected && this.#stands(expected.quoted, at)) return expected;
    const quote = this.#bytes[at] === QUOTE ? findQuote(this.#bytes, at + 1) : UNSURE;
    if (quote < 0) return undefined;
    const text = this.#bytes.toString('latin1', at + 1, quote);
    const name = this.#names.get(text) ?? nameOf(text, undefined);
    if (this.#names.size < MAX_NAMES) this.#names.set(text, name);
    before.next = name;
    return name;
  }

  #stands({ words, mask }: NameBytes, at: number): boolean {
    const view = this.#view;
    const last = words.length - 1;
    if (at + last * 4 + 4 > this.#size) return false;
    for (let i = 0; i < last; i += 1) {
      if (view.getInt32(at + i * 4, true) !== words[i]) return false;
    }
    return (view.getInt32(at + last * 4, true) & mask) === words[last];
  }

  #readValue(at: number, field: Field): number {
    const first = this.#bytes[at];
    if (field.isTime) this.timeAt = UNSURE;
    if (first === QUOTE) return this.#readText(at + 1, field);
    if (first === LEFT_BRACKET) return this.#readList(at, field);
    if (field.isTime && isDigitFrom1(first)) return this.#readTime(at, field);
    return this.#readOther(at, field);
  }

  #readText(at: number, field: Field): number {
    const known = field.texts.find(this.#view, this.#size, at);
    if (known) return this.#set(field, known.value, at + field.texts.length);
    const quote = findQuote(this.#bytes, at);
    if (quote < 0) return UNSURE;
    const value = field.clean(this.#bytes.toString('latin1', at, quote));
    field.texts.keep(this.#view, this.#size, at, quote + 1, { value });
    return this.#set(field, value, quote + 1);
  }

  #readList(at: number, field: Field): number {
    const known = field.lists.find(this.#view, this.#size, at);
    if (known) return this.#set(field, known.value, at + field.lists.length);
    const end = skipValue(this.#bytes, at);
    if (end < 0) return UNSURE;
    // It is plain JSON: short, mostly, and kept.
    const value = field.clean(JSON.parse(this.#bytes.toString('latin1', at, end)) as unknown);
    field.lists.keep(this.#view, this.#size, at, end, { value });
    return this.#set(field, value, end);
  }

  #readTime(at: number, field: Field): number {
    const end = skipDigits(this.#bytes, at);
    if (end - at > EXACT_DIGITS) return this.#readOther(at, field);
    const after = this.#bytes[end];
    if (after !== COMMA && after !== RIGHT_BRACE) return this.#readOther(at, field);
    this.timeAt = at;
    return this.#set(field, field.clean(readDigits(this.#bytes, at, end)), end);
  }

  /** Words, odd numbers and what is nested. */
  #readOther(at: number, field: Field): number {
    const end = skipValue(this.#bytes, at);
    if (end < 0) return UNSURE;
    const first = this.#bytes[at];
    if (first === 0x74) return this.#set(field, field.clean(true), end);
    if (first === 0x66) return this.#set(field, field.clean(false), end);
    if (first === 0x6e) return this.#set(field, field.clean(null), end);
    return this.#set(field, field.clean(JSON.parse(this.#bytes.toString('latin1', at, end))), end);
  }

  #set(field: Field, value: unknown, end: number): number {
    this.#values[field.index] = value;
    return value === REFUSED ? UNSURE : end;
  }
}

function createField(name: FieldName, index: number): Field {
  return {
    index,
    clean: cleanerOf(name),
    isTime: name === 'ts',
    texts: new ValueCache(VARIED.includes(name) ? VARIED_TEXTS : TEXTS),
    lists: new ValueCache(LISTS),
  };
}

function cleanerOf(name: FieldName): (value: unknown) => unknown {
  if (name === 'context') return (value) => (value === null ? null : REFUSED);
  if (name === 'expect' || name === 'outcome') {
    return (value) => (value === null || isOneOf(ACTIONS, value) ? value : REFUSED);
  }
  return (value) => cleanField(name, value);
}

function nameOf(text: string, field: Field | undefined): Name {
  const bytes = Buffer.from(`"${text}"`, 'latin1');
  const padded = Buffer.concat([bytes, Buffer.alloc(4)]);
  const words = new Int32Array(Math.ceil(bytes.length / 4));
  for (let i = 0; i < words.length; i += 1) words[i] = padded.readInt32LE(i * 4);
  const odd = bytes.length & 3;
  const mask = odd === 0 ? -1 : (1 << (odd * 8)) - 1;
  return { field, next: undefined, quoted: { words, mask, length: bytes.length } };
}
