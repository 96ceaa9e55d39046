/** One line of a recording as a connect record, or as the problem that it is none. */
import { isUtf8 } from 'node:buffer';
import { ACTIONS, type Action, isOneOf, type Problem, type ProblemCode } from '../model/index.js';
import { quote } from '../policy/index.js';
import { adaptRecord, type RawRecord } from './adapt-record.js';
import type { TornDataError } from './decompress.js';
import { findJsonFault } from './find-json-fault.js';
import type { RawLine } from './split-lines.js';

/** The longest line that is read, in bytes. */
export const MAX_LINE_BYTES = 1024 * 1024;

/** Where a connect record stands, and what it says must become or became of it. */
export interface ConnectLine {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** The decision that it must get. */
  readonly expect: Action | undefined;
  /** The decision that it got when it was live. */
  readonly outcome: Action | undefined;
}

/** A line of a recording that is a connect record. */
export interface RecordedConnect extends ConnectLine {
  readonly record: RawRecord;
}

/** What a line came out as: a record, problems, or both; a blank line is neither. */
export interface ParsedLine {
  readonly connect?: RecordedConnect;
  readonly problems: readonly Problem[];
}

/** What is wrong with a line. */
export interface LineFault {
  readonly code: ProblemCode;
  readonly column?: number;
  readonly message: string;
  readonly hint: string;
}

const ONE_OBJECT = 'a recording has one JSON object a line';

/** Reads one line of the recording `file`. */
export function parseLine(file: string, raw: RawLine): ParsedLine {
  const read = readRecord(raw);
  if (!read) return { problems: [] };
  if ('fault' in read) return { problems: [lineProblem(file, raw.line, read.fault)] };
  const { record } = read;
  const faults: LineFault[] = [];
  const expect = readAction(record, 'expect', faults);
  const outcome = readAction(record, 'outcome', faults);
  return {
    connect: { file, line: raw.line, record, expect, outcome },
    problems: faults.map((fault) => lineProblem(file, raw.line, fault)),
  };
}

/** The fault of a line as a problem: it is told and counted, and does not stop the replay. */
function lineProblem(file: string, line: number, fault: LineFault): Problem {
  const { code, column = 1, hint } = fault;
  // A copy: a quoted part of a line would keep the whole line in memory.
  const message = Buffer.from(fault.message).toString();
  const place = { file, line, column, endLine: line, endColumn: column };
  return { ...place, code, severity: 'warning', message, hint };
}

/** The problem of compressed data that ends too early or is damaged in this line. */
export function tornProblem(file: string, line: number, { message }: TornDataError): Problem {
  return lineProblem(file, line, {
    code: 'RECORD_TORN',
    message: `the compressed data is cut off or damaged from here on (${message})`,
    hint: 'copy the recording again',
  });
}

type Read<T> = T | { readonly fault: LineFault };

function readRecord(raw: RawLine): Read<{ readonly record: RawRecord }> | undefined {
  const text = readText(raw);
  if (typeof text !== 'string') return text;
  if (/^[ \t\r]*$/.test(text)) return undefined;
  const read = readJson(text, raw.ended);
  if ('fault' in read) return read;
  return isObject(read.json)
    ? adaptRecord(read.json)
    : notJson(1, `${quote(text.trim())} is no JSON object`);
}

function readText({ bytes, ended }: RawLine): Read<string> {
  if (!bytes) {
    const hint = 'no gateway writes such a record: remove it';
    return { fault: { code: 'RECORD_TOO_LONG', message: 'this line is longer than 1 MiB', hint } };
  }
  if (isUtf8(bytes)) return bytes.toString('utf8');
  return ended ? notJson(1, 'this line is not UTF-8 text') : torn(1);
}

function readJson(text: string, ended: boolean): Read<{ readonly json: unknown }> {
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    if (!ended) return torn(text.length + 1);
    const at = findJsonFault(text);
    const rest = text.slice(at).trimEnd();
    const message =
      rest === '' ? 'this JSON has no end' : `no JSON from ${quote(rest.slice(0, 20))} on`;
    return notJson(at + 1, message);
  }
}

function notJson(column: number, message: string): { readonly fault: LineFault } {
  return { fault: { code: 'RECORD_NOT_JSON', column, message, hint: ONE_OBJECT } };
}

function torn(column: number): { readonly fault: LineFault } {
  const message = 'the last line has no end: it was cut off';
  const hint = 'copy the recording again, or remove this line';
  return { fault: { code: 'RECORD_TORN', column, message, hint } };
}

function readAction(
  record: RawRecord,
  field: 'expect' | 'outcome',
  faults: LineFault[],
): Action | undefined {
  const word = record[field];
  if (isOneOf(ACTIONS, word)) return word;
  if (word !== undefined && word !== null) {
    const shown = typeof word === 'string' ? quote(word) : 'no text';
    const message = `\`${field}\` is ${shown}, and is passed over`;
    faults.push({ code: 'RECORD_EXPECT', message, hint: 'write `approve`, `hold` or `deny`' });
  }
  return undefined;
}

function isObject(value: unknown): value is RawRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
