/** A connect as a gateway gives it to the hook, made safe to decide, keep and write down. */
import { type ConnectRecord, deviceIdOf, type Facts, normaliseRecord } from '../model/index.js';

/** A connect whose device is who it says it is. */
export interface IncomingConnect {
  readonly deviceId: string;
  readonly publicKey: string;
  /** The record without what only the hook can say, and without `commands`. Plain JSON. */
  readonly record: ConnectRecord;
  /** The facts of that record. */
  readonly facts: Facts;
  /** The commands as they were declared; undefined where there are none. */
  readonly commands: unknown;
}

/** Why a connect cannot be decided, in words that its client may read. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  /** Whether the same connect may be decided when it comes again. */
  readonly advice: 'wait' | 'stop';

  constructor(message: string, advice: 'wait' | 'stop' = 'stop') {
    super(message);
    this.advice = advice;
  }
}

/** More than any gateway accepts of a client that is not let in yet, in characters of JSON. */
const MAX_RECORD = 131_072;

/** What the hook says of a connect, or a recording of it; whoever else says it is not believed. */
const NOT_BELIEVED = [
  'kind',
  'isRepair',
  'silent',
  'requestId',
  'context',
  'expect',
  'outcome',
] as const;

/** Reads a connect that is asked at `now`. Throws where it is no plain record, or its device id is not that of its key. */
export function readIncoming(given: unknown, now: number): IncomingConnect {
  const { commands, ...record } = copyRecord(given);
  const dated = record['ts'] === undefined ? { ...record, ts: now } : record;
  const facts = normaliseRecord({ ...dated, isRepair: false });
  const { deviceId, publicKey } = facts;
  if (deviceId === undefined || publicKey === undefined) {
    throw new ConnectError('the connect comes without a valid `deviceId` and `publicKey`');
  }
  if (deviceIdOf(publicKey) !== deviceId) {
    throw new ConnectError('`deviceId` is not the sha256 of `publicKey`: one of them is made up');
  }
  return { deviceId, publicKey, record: dated, facts, commands };
}

/** A copy as JSON has it: what is decided, what is written down and what is replayed are then the same. */
function copyRecord(given: unknown): Record<string, unknown> {
  if (!isPlainObject(given)) throw new ConnectError('the connect is no plain object');
  const text = JSON.stringify(given);
  if (text.length > MAX_RECORD) throw new ConnectError('the connect is larger than 128 KiB');
  const copy: unknown = JSON.parse(text);
  if (!isPlainObject(copy)) throw new ConnectError('the connect is no plain object');
  for (const field of NOT_BELIEVED) delete copy[field];
  return copy;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Of whatever realm it is: `Object.prototype` is the one that has no prototype itself.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
