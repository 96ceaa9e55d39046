/** One connect record out of what a person has: a record, a recording, or what `openclaw devices list --json` prints. */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { PairPolicyError, type Problem, startOf } from '../../model/index.js';
import { ProblemList, reportUnreadable } from '../../policy/index.js';
import {
  findJsonFault,
  type ParsedLine,
  type RawRecord,
  readRecording,
  STANDARD_INPUT,
} from '../../simulate/index.js';
import type { Terminal } from '../terminal.js';
import {
  type Candidate,
  type Candidates,
  chooseOne,
  describeChoice,
  describeRequests,
  isMeant,
  LineTally,
  type RecordChoice,
} from './choose-record.js';

/** The record that was found, and where. */
export interface FoundRecord {
  readonly file: string;
  /** Of a recording. */
  readonly line: number | undefined;
  readonly record: RawRecord;
  /** The scopes that the same list has as approved for the device, where it has any. */
  readonly approvedScopes: readonly string[] | undefined;
}

/** The first byte of what is compressed. */
const GZIP = 0x1f;
/** A file that is read whole; a longer one can only be a recording. */
const MAX_WHOLE_BYTES = 16 * 1024 * 1024;

/** Finds the one record that is meant. Throws a `PairPolicyError` where there is none, or more than one. */
export async function readOneRecord(
  source: string,
  choice: RecordChoice,
  terminal: Terminal,
): Promise<FoundRecord> {
  const { path, line } = await splitPlace(source);
  const wanted = line === undefined ? choice : { line, ...choice };
  const sought = describeChoice(wanted);
  const whole = await readWhole(path, terminal);
  const json = whole && parseObject(whole);
  const list = json && devicesList(json);
  if (list) {
    const meant = list.pending.map(asCandidate).filter((one) => isMeant(one, wanted));
    const all = describeRequests(list.pending);
    const { record } = chooseOne(path, { meant, all, flag: '--request', sought });
    const approvedScopes = approvedFor(record, list.paired);
    return { file: path, line: undefined, record, approvedScopes };
  }
  const candidates = json
    ? { meant: [asCandidate(json)], all: '', flag: '--line', sought }
    : await readLines(path, whole, wanted, terminal);
  const { record, line: found } = chooseOne(path, candidates);
  return { file: path, line: found, record, approvedScopes: undefined };
}

/** `rec.jsonl:12` is line 12, unless a file is called so. */
async function splitPlace(source: string): Promise<{ path: string; line: number | undefined }> {
  const match = /^(.+):([1-9]\d{0,14})$/s.exec(source);
  const isFile =
    match &&
    (await stat(source).then(
      () => true,
      () => false,
    ));
  return match && !isFile
    ? { path: match[1] ?? source, line: Number(match[2]) }
    : { path: source, line: undefined };
}

/** The bytes, where they are few enough to be one JSON text. What can be read only once must be few. */
async function readWhole(path: string, terminal: Terminal): Promise<Buffer | undefined> {
  if (path === STANDARD_INPUT) return await readStream(path, terminal.stdin);
  const problems = new ProblemList();
  try {
    const status = await stat(path);
    if (status.isDirectory()) {
      problems.error('FILE_UNREADABLE', startOf(path), 'this is a folder', 'name a file in it');
    } else if (!status.isFile()) {
      return await readStream(path, createReadStream(path));
    } else return status.size <= MAX_WHOLE_BYTES ? await readFile(path) : undefined;
  } catch (error) {
    if (error instanceof PairPolicyError) throw error;
    reportUnreadable(path, error, problems);
  }
  throw new PairPolicyError(problems.sorted());
}

async function readStream(path: string, stream: AsyncIterable<Buffer | string>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of stream) {
    pieces.push(Buffer.from(piece));
    length += piece.length;
    if (length <= MAX_WHOLE_BYTES) continue;
    const problems = new ProblemList();
    const message = 'more than 16 MiB are not searched for one record here';
    const hint = 'save it and name the line, `explain FILE --line 12`, or filter it first';
    problems.error('ARGUMENT', startOf(path), message, hint);
    throw new PairPolicyError(problems.sorted());
  }
  return Buffer.concat(pieces);
}

function parseObject(bytes: Buffer): RawRecord | undefined {
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
    if (Array.isArray(json)) return { pending: json };
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** `{ pending, paired }`, as `openclaw devices list --json` has it. */
function devicesList(
  json: RawRecord,
): { readonly pending: readonly RawRecord[]; readonly paired: readonly RawRecord[] } | undefined {
  const { pending, paired } = json;
  if (!Array.isArray(pending) && !Array.isArray(paired)) return undefined;
  const objects = (list: unknown) => (Array.isArray(list) ? list.filter(isObject) : []);
  return { pending: objects(pending), paired: objects(paired) };
}

function asCandidate(record: RawRecord): Candidate {
  return { record, line: undefined };
}

/** The scopes that a device is paired with: its lasting baseline where the release has one. */
function approvedFor(
  { deviceId }: RawRecord,
  paired: readonly RawRecord[],
): readonly string[] | undefined {
  const entry = paired.find((one) => deviceId !== undefined && one['deviceId'] === deviceId);
  const scopes = entry?.['approvedScopes'] ?? entry?.['scopes'];
  return Array.isArray(scopes) ? scopes.filter((one) => typeof one === 'string') : undefined;
}

/** The records of a recording that are meant, and which there are. */
async function readLines(
  path: string,
  whole: Buffer | undefined,
  choice: RecordChoice,
  terminal: Terminal,
): Promise<Candidates> {
  const meant: Candidate[] = [];
  const lines = new LineTally();
  let fault: Problem | undefined;
  for await (const { connect, problems } of linesOf(path, whole, terminal)) {
    fault ??= problems.find(({ line }) => (choice.line ?? line) === line);
    if (!connect) continue;
    lines.add(connect.line);
    // Two are enough to know that it is not one.
    if (meant.length < 2 && isMeant(connect, choice)) meant.push(connect);
    if (connect.line === choice.line) break;
  }
  if (meant.length === 0 && fault) {
    const isLines = lines.count > 0 || choice.line !== undefined;
    const found = isLines ? fault : faultOf(path, whole, fault);
    throw new PairPolicyError([{ ...found, severity: 'error' }]);
  }
  return { meant, all: lines.describe(), flag: '--line', sought: describeChoice(choice) };
}

async function* linesOf(
  path: string,
  whole: Buffer | undefined,
  terminal: Terminal,
): AsyncGenerator<ParsedLine> {
  if (!whole) {
    for await (const batch of readRecording(path, terminal.stdin)) yield* batch;
    return;
  }
  // What was read may not be there a second time.
  for await (const batch of readRecording(STANDARD_INPUT, Readable.from([whole]))) {
    for (const line of batch) {
      yield { ...line, problems: line.problems.map((problem) => ({ ...problem, file: path })) };
    }
  }
}

/** Where a text that is no JSON as a whole, and has no line that is, stops being JSON. */
function faultOf(path: string, whole: Buffer | undefined, fault: Problem): Problem {
  const text = whole?.toString('utf8') ?? '';
  const isJson = /^\s*[{[]/.test(text) || fault.code === 'RECORD_TORN';
  if (!isJson || whole?.[0] === GZIP) return fault;
  const before = text.slice(0, findJsonFault(text)).split('\n');
  const [line, column] = [before.length, (before.at(-1) ?? '').length + 1];
  const place = { file: path, line, column, endLine: line, endColumn: column };
  return { ...fault, ...place, code: 'RECORD_NOT_JSON', message: 'from here on this is no JSON' };
}

function isObject(value: unknown): value is RawRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
