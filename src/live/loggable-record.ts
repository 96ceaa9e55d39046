/** A connect record as it may be written down: bounded, without secrets, and with the same facts. */
import { CLEAN_FIELDS, type CleanFields, cleanField } from '../model/index.js';
import { holdsSecret, isSecretName, REDACTED } from './secret-names.js';

/** What is written of a record. */
export interface LoggableRecord {
  /** The fields that facts are made of. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** The fields that are none, as far as there is room. */
  readonly other: Readonly<Record<string, unknown>>;
  /** The facts that were too large to be written: they are `null`, and the decision cannot be replayed. */
  readonly cut: readonly string[];
}

/** Characters of all facts together. What a gateway takes from a client that is not paired yet is a part of it. */
const MAX_FACTS = 128 * 1024;
/** Of a fact of the wrong form, and of all that is no fact. */
const MAX_MALFORMED = 512;
const MAX_OTHER = 8 * 1024;
const MAX_DEPTH = 5;
const MAX_MEMBERS = 64;

/** These say how a line of a recording is read, so a client must not have a say in them. */
const OURS: ReadonlySet<string> = new Set(['context', 'expect', 'outcome']);

/** What may be written of a record, whatever it is; never throws. */
export function toLoggable(record: unknown): LoggableRecord {
  try {
    return fromFields(toFields(record));
  } catch {
    // An accessor or a proxy threw: then nothing of it was known to the engine either.
    return { facts: {}, other: {}, cut: [] };
  }
}

function fromFields(fields: Readonly<Record<string, unknown>>): LoggableRecord {
  const cut = tooLarge(fields);
  const facts: Record<string, unknown> = {};
  for (const field of CLEAN_FIELDS) {
    const value = fields[field];
    if (value === undefined) continue;
    if (cut.includes(field)) facts[field] = null;
    else
      facts[field] = cleanField(field, value) === null ? keepMalformed(field, value) : keep(value);
  }
  return { facts, other: otherThanFacts(fields), cut };
}

/** The largest facts, as many as must go for the others to have room. One of the wrong form is unknown anyway. */
function tooLarge(fields: Readonly<Record<string, unknown>>): readonly string[] {
  const sizes = CLEAN_FIELDS.map((field) => ({ field, size: sizeOf(fields[field]) }));
  const cut: string[] = [];
  let total = sizes.reduce((sum, { size }) => sum + size, 0);
  for (const { field, size } of sizes.sort((a, b) => b.size - a.size)) {
    if (total <= MAX_FACTS) break;
    total -= size;
    if (cleanField(field, fields[field]) !== null) cut.push(field);
  }
  return cut;
}

/** As the engine has it: the fields of a plain object; of anything else, none. */
function toFields(record: unknown): Readonly<Record<string, unknown>> {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return {};
  const prototype: unknown = Object.getPrototypeOf(record);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain ? (Object.assign(Object.create(null), record) as Record<string, unknown>) : {};
}

const HALF_A_CHARACTER = /\p{Cs}/u;

/**
 * A copy by index: a list may have a `toJSON` of its own. pino writes half of a surrogate pair as it is, which UTF-8
 * has not; of an object `JSON.stringify` makes the text, and that escapes it.
 */
function keep(value: unknown): unknown {
  if (typeof value === 'string' && HALF_A_CHARACTER.test(value)) return Object(value) as unknown;
  return Array.isArray(value) ? Array.from(value) : value;
}

/** A value of the wrong form helps whoever looks for a fault, if what is written is as wrong. */
function keepMalformed(field: keyof CleanFields, value: unknown): unknown {
  const shown = new Copy(MAX_MALFORMED).of(value, 0);
  return shown === undefined || cleanField(field, shown) !== null ? null : shown;
}

function otherThanFacts(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const known: ReadonlySet<string> = new Set(CLEAN_FIELDS);
  const others = Object.entries(fields).filter(([name]) => !known.has(name) && !OURS.has(name));
  return new Copy(MAX_OTHER).ofEntries(others, 0);
}

/** How many characters a fact takes at least. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (!Array.isArray(value)) return 8;
  let size = 0;
  for (let i = 0; i < value.length && size <= MAX_FACTS; i += 1) size += sizeOf(value[i]) + 3;
  return size;
}

/** Copies data as far as it has room: without secrets, without what is not plain. */
class Copy {
  #room: number;

  constructor(room: number) {
    this.#room = room;
  }

  of(value: unknown, depth: number): unknown {
    this.#room -= typeof value === 'string' ? value.length : 8;
    if (this.#room < 0 || depth > MAX_DEPTH) return undefined;
    if (typeof value === 'string') return holdsSecret(value) ? REDACTED : value;
    if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
    if (typeof value !== 'object') return undefined;
    if (!Array.isArray(value)) return this.ofEntries(Object.entries(value), depth + 1);
    const members: unknown[] = Array.from(value.slice(0, MAX_MEMBERS));
    return members.map((member) => this.of(member, depth + 1) ?? null);
  }

  ofEntries(entries: readonly [string, unknown][], depth: number): Record<string, unknown> {
    const copy: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [name, value] of entries.slice(0, MAX_MEMBERS)) {
      this.#room -= name.length;
      if (this.#room < 0) break;
      const copied = isSecretName(name) ? REDACTED : this.of(value, depth);
      if (copied !== undefined) copy[name] = copied;
    }
    return copy;
  }
}
