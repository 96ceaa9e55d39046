/**
 * The one place where connect records are cleaned: a record as a gateway, a file or a caller gives
 * it becomes facts. Total: whatever the record is, no exception, and what is not of the right form
 * is unknown.
 */
import { type Address, parseAddress } from './address.js';
import type { Facts } from './facts.js';
import { parseTimestamp } from './timestamp.js';
import { AUTH_METHODS, isOneOf, KINDS, type Kind, ROLES, type Role } from './words.js';

type Fields = Readonly<Record<string, unknown>>;

const DEVICE_ID = /^[0-9a-fA-F]{64}$/;
/** 43 characters hold 258 bits; the two that are too many must be zero. */
const PUBLIC_KEY = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
/** Beyond any honest client's; what deciding costs is bounded by these. */
const MAX_TEXT = 65_536;
const MAX_MEMBERS = 4_096;
const SPACE_OR_CONTROL = /[\s\p{Cc}]/u;

/** Whether a text is a device id: 64 hex digits, case ignored. */
export function isDeviceId(text: string): boolean {
  return DEVICE_ID.test(text);
}

/** Whether a text is a public key: canonical base64url of 32 bytes. */
export function isPublicKey(text: string): boolean {
  return PUBLIC_KEY.test(text);
}

/** Makes facts of a connect record. Fields that are no facts are ignored. */
export function normaliseRecord(record: unknown): Facts {
  try {
    return toFacts(toFields(record));
  } catch {
    // An accessor or a proxy threw: then nothing of the record is known.
    return toFacts(toFields(undefined));
  }
}

function toFacts(fields: Fields): Facts {
  const isRepair = asBoolean(fields['isRepair']);
  const gatewayMade = isRepair !== undefined;
  const kind = toKind(fields, isRepair);
  const nodeCommands = kind === 'node-commands';
  const authMethod = fields['authMethod'];
  const self = (name: string) => asString(absentAs(fields, name, gatewayMade, ''));
  return {
    ts: parseTimestamp(fields['ts']),
    requestId: asString(fields['requestId']),
    deviceId: asMatch(fields['deviceId'], DEVICE_ID)?.toLowerCase(),
    publicKey: asMatch(fields['publicKey'], PUBLIC_KEY),
    remoteIp: parseAddress(fields['remoteIp']),
    forwarded: asBoolean(fields['forwarded']),
    clientId: self('clientId'),
    clientMode: self('clientMode'),
    clientVersion: asString(fields['clientVersion']),
    platform: self('platform'),
    deviceFamily: self('deviceFamily'),
    displayName: self('displayName'),
    browserOrigin: self('browserOrigin'),
    roles: toRoles(fields, nodeCommands),
    scopes: toScopes(absentAs(fields, 'scopes', nodeCommands, [])),
    commands: toStrings(
      absentAs(fields, 'commands', gatewayMade || (kind !== undefined && !nodeCommands), []),
    ),
    authMethod: isOneOf(AUTH_METHODS, authMethod) ? authMethod : undefined,
    authUser:
      authMethod === 'tailscale' || authMethod === 'trusted-proxy'
        ? asString(fields['authUser'])
        : undefined,
    kind,
    gateway: asString(fields['gateway']),
    gatewayVersion: asString(fields['gatewayVersion']),
    isRepair,
    silent: asBoolean(fields['silent']),
  };
}

/** Reads a list of addresses; one that is none makes the whole list unknown. */
export function normaliseAddresses(list: unknown): readonly Address[] | undefined {
  const texts = toStrings(list);
  const addresses = texts?.map(parseAddress);
  return addresses?.every((address) => address !== undefined) ? addresses : undefined;
}

/**
 * The fields of a plain object; of anything else, none. An instance of a class may hide fields in
 * its prototype, where they would count as absent.
 */
function toFields(record: unknown): Fields {
  try {
    return Object.assign(Object.create(null), isPlainObject(record) ? record : {}) as Fields;
  } catch {
    // A getter that throws, a proxy that was revoked.
    return {};
  }
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Of whatever realm the object is: `Object.prototype` is the one that has no prototype itself.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The value of a field, or `fill` where the field is absent (not `null`) and may be filled in. */
function absentAs(fields: Fields, name: string, fills: boolean, fill: unknown): unknown {
  const value = fields[name];
  return value === undefined && fills ? fill : value;
}

function toKind(fields: Fields, isRepair: boolean | undefined): Kind | undefined {
  const kind = absentAs(fields, 'kind', isRepair === false, 'new-device');
  return isOneOf(KINDS, kind) ? kind : undefined;
}

function toRoles(fields: Fields, nodeCommands: boolean): readonly Role[] | undefined {
  const role = fields['role'];
  const roles = fields['roles'];
  if (role === undefined && roles === undefined) return nodeCommands ? ['node'] : undefined;
  const one = role === undefined ? [] : toScopes([role]);
  const several = roles === undefined ? [] : toScopes(roles);
  if (!one || !several) return undefined;
  const asked = [...new Set([...one, ...several])];
  return asked.length > 0 && asked.every((word) => isOneOf(ROLES, word)) ? asked : undefined;
}

/** A list of words: trimmed, none empty, none with white space or control characters inside. */
function toScopes(value: unknown): readonly string[] | undefined {
  const words = toStrings(value)?.map((word) => word.trim());
  if (!words || words.some((word) => word === '' || SPACE_OR_CONTROL.test(word))) return undefined;
  return [...new Set(words)];
}

function toStrings(value: unknown): readonly string[] | undefined {
  try {
    if (!Array.isArray(value) || value.length > MAX_MEMBERS) return undefined;
    // By index: a hole is no text, and an iterator of its own says nothing.
    const list: string[] = [];
    for (let i = 0; i < value.length; i += 1) {
      const text = asString(value[i]);
      if (text === undefined) return undefined;
      list.push(text);
    }
    return list;
  } catch {
    return undefined;
  }
}

function asString(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= MAX_TEXT ? value : undefined;
}

function asMatch(value: unknown, shape: RegExp): string | undefined {
  return typeof value === 'string' && shape.test(value) ? value : undefined;
}

function asBoolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}
