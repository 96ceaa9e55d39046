import { type Address, parseAddress } from './address.js';
import type { PlainContext } from './plain-policy.js';
import { LAST_MS, parseTime } from './time.js';

/** The facts of one connect; undefined is an unknown fact. */
export interface Facts {
  /** When the connect was asked, in milliseconds since the epoch. */
  ts: number | undefined;
  requestId: string | undefined;
  remoteIp: Address | undefined;
  forwarded: boolean | undefined;
  deviceId: string | undefined;
  publicKey: string | undefined;
  clientId: string | undefined;
  clientMode: string | undefined;
  clientVersion: string | undefined;
  platform: string | undefined;
  deviceFamily: string | undefined;
  displayName: string | undefined;
  browserOrigin: string | undefined;
  roles: string[] | undefined;
  scopes: string[] | undefined;
  commands: string[] | undefined;
  authMethod: string | undefined;
  authUser: string | undefined;
  kind: string | undefined;
  gateway: string | undefined;
  gatewayVersion: string | undefined;
  isRepair: boolean | undefined;
  silent: boolean | undefined;
  /** The time of the decision, in milliseconds since the epoch. */
  now: number | undefined;
  ownAddresses: Address[] | undefined;
}

const KINDS = [
  'new-device',
  'key-change',
  'role-upgrade',
  'scope-upgrade',
  'metadata-upgrade',
  'reconnect',
  'node-commands',
];
const AUTH_METHODS = [
  'token',
  'password',
  'tailscale',
  'trusted-proxy',
  'device-token',
  'bootstrap-token',
  'none',
];
const AUTH_METHODS_WITH_USER = ['tailscale', 'trusted-proxy'];
const ROLES = ['operator', 'node'];
/** What a record of the gateway itself leaves out was not sent by the client. */
const EMPTY_IN_GATEWAY_RECORDS = [
  'displayName',
  'platform',
  'deviceFamily',
  'clientId',
  'clientMode',
  'browserOrigin',
];

/** Longer ones are no honest client's. */
const LONGEST_TEXT = 65_536;
const LONGEST_LIST = 4_096;

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const HEX_DIGITS = '0123456789abcdef';

/** The facts of a connect record and of what the caller passes beside it. */
export function normalise(record: unknown, context: PlainContext): Facts {
  const field = fillIn(readFields(record));
  const authMethod = wordOf(field.get('authMethod'), AUTH_METHODS);
  const ts = recordTime(field.get('ts'));
  return {
    ts,
    requestId: stringOf(field.get('requestId')),
    remoteIp: addressOf(field.get('remoteIp')),
    forwarded: booleanOf(field.get('forwarded')),
    deviceId: deviceIdOf(field.get('deviceId')),
    publicKey: publicKeyOf(field.get('publicKey')),
    clientId: stringOf(field.get('clientId')),
    clientMode: stringOf(field.get('clientMode')),
    clientVersion: stringOf(field.get('clientVersion')),
    platform: stringOf(field.get('platform')),
    deviceFamily: stringOf(field.get('deviceFamily')),
    displayName: stringOf(field.get('displayName')),
    browserOrigin: stringOf(field.get('browserOrigin')),
    roles: rolesOf(field.get('role'), field.get('roles')),
    scopes: wordsOf(field.get('scopes')),
    commands: stringsOf(field.get('commands')),
    authMethod,
    authUser:
      authMethod !== undefined && AUTH_METHODS_WITH_USER.includes(authMethod)
        ? stringOf(field.get('authUser'))
        : undefined,
    kind: wordOf(field.get('kind'), KINDS),
    gateway: stringOf(field.get('gateway')),
    gatewayVersion: stringOf(field.get('gatewayVersion')),
    isRepair: booleanOf(field.get('isRepair')),
    silent: booleanOf(field.get('silent')),
    now: decisionTime(ts, context.now),
    ownAddresses: ownAddressesOf(context.ownAddresses),
  };
}

/** Whether a text is a device id: 64 hex digits, case ignored. */
export function isDeviceId(text: string): boolean {
  return text.length === 64 && [...text.toLowerCase()].every((digit) => HEX_DIGITS.includes(digit));
}

/** The record's own fields; one that is missing or `undefined` is absent. What is no object has none. */
function readFields(record: unknown): Map<string, unknown> {
  if (typeof record !== 'object' || record === null || !isPlain(record)) return new Map();
  return new Map(Object.entries(record).filter(([, value]) => value !== undefined));
}

/** An instance of a class may hide fields in its prototype. */
function isPlain(record: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(record);
  return prototype === null || prototype === Object.prototype;
}

/** What an absent field says by its absence. A field that is `null` or malformed is not absent. */
function fillIn(fields: Map<string, unknown>): Map<string, unknown> {
  const filled = new Map(fields);
  const fill = (name: string, value: unknown): void => {
    if (!fields.has(name)) filled.set(name, value);
  };
  const isGatewayRecord = typeof fields.get('isRepair') === 'boolean';
  if (isGatewayRecord) {
    for (const name of EMPTY_IN_GATEWAY_RECORDS) fill(name, '');
  }
  if (fields.get('isRepair') === false) fill('kind', 'new-device');
  const kind = wordOf(filled.get('kind'), KINDS);
  if (isGatewayRecord || (kind !== undefined && kind !== 'node-commands')) fill('commands', []);
  if (kind === 'node-commands') {
    fill('scopes', []);
    if (!fields.has('roles')) fill('role', 'node');
  }
  return filled;
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= LONGEST_TEXT ? value : undefined;
}

function booleanOf(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function wordOf(value: unknown, words: string[]): string | undefined {
  return typeof value === 'string' && words.includes(value) ? value : undefined;
}

function addressOf(value: unknown): Address | undefined {
  return typeof value === 'string' ? parseAddress(value) : undefined;
}

function deviceIdOf(value: unknown): string | undefined {
  return typeof value === 'string' && isDeviceId(value) ? value.toLowerCase() : undefined;
}

function publicKeyOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length !== 43) return undefined;
  const sextets = [...value].map((character) => BASE64URL.indexOf(character));
  if (sextets.includes(-1)) return undefined;
  // 43 characters are 258 bits, of which the key has 256.
  return (sextets.at(-1) ?? 0) % 4 === 0 ? value : undefined;
}

function stringsOf(value: unknown): string[] | undefined {
  if (!Array.isArray(value) || value.length > LONGEST_LIST) return undefined;
  const members: unknown[] = Array.from(value);
  return members.every((member) => stringOf(member) !== undefined)
    ? (members as string[])
    : undefined;
}

/** A list of words, trimmed and without repeats; undefined if one of them is empty or has white space or a control character in it. */
function wordsOf(value: unknown): string[] | undefined {
  const words = stringsOf(value)?.map((word) => word.trim());
  if (words === undefined) return undefined;
  if (words.some((word) => word === '' || /\s/u.test(word) || /\p{Cc}/u.test(word)))
    return undefined;
  return [...new Set(words)];
}

function rolesOf(role: unknown, roles: unknown): string[] | undefined {
  const one = role === undefined ? [] : wordsOf([role]);
  const several = roles === undefined ? [] : wordsOf(roles);
  if (one === undefined || several === undefined) return undefined;
  const union = [...new Set([...one, ...several])];
  if (union.length === 0) return undefined;
  return union.every((word) => ROLES.includes(word)) ? union : undefined;
}

/** A caller who passes a time that is none is not told the record's instead. */
function decisionTime(ts: number | undefined, now: number | undefined): number | undefined {
  if (now === undefined) return ts;
  return Number.isFinite(now) && Math.abs(now) <= LAST_MS ? now : undefined;
}

function recordTime(ts: unknown): number | undefined {
  if (typeof ts === 'string') return parseTime(ts);
  return Number.isInteger(ts) && Math.abs(Number(ts)) <= LAST_MS ? Number(ts) : undefined;
}

function ownAddressesOf(texts: string[] | undefined): Address[] | undefined {
  const addresses = stringsOf(texts)?.map((text) => parseAddress(text));
  if (addresses === undefined) return undefined;
  return addresses.every((address) => address !== undefined) ? addresses : undefined;
}
