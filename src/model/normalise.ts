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
  if (!Array.isArray(list)) return undefined;
  // As below: a hole is no address.
  const addresses = Array.from(list as readonly unknown[], parseAddress);
  return addresses.every((address) => address !== undefined) ? addresses : undefined;
}

/** Own fields only, and no accessor is run twice. */
function toFields(record: unknown): Fields {
  const isObject = typeof record === 'object' && record !== null && !Array.isArray(record);
  return Object.assign(Object.create(null), isObject ? record : {}) as Fields;
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
  const asked = toScopes([
    ...(role === undefined ? [] : [role]),
    ...(roles === undefined ? [] : Array.isArray(roles) ? roles : [undefined]),
  ]);
  if (!asked || asked.length === 0) return undefined;
  return asked.every((word) => isOneOf(ROLES, word)) ? asked : undefined;
}

/** A list of words: trimmed, none empty, none with white space or control characters inside. */
function toScopes(value: unknown): readonly string[] | undefined {
  const words = toStrings(value)?.map((word) => word.trim());
  if (!words || words.some((word) => word === '' || SPACE_OR_CONTROL.test(word))) return undefined;
  return [...new Set(words)];
}

function toStrings(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  // A copy by index sees the holes of a sparse list, which `every` would pass over.
  const list = Array.from(value as readonly unknown[]);
  return list.every((item) => typeof item === 'string') ? list : undefined;
}

function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function asMatch(value: unknown, shape: RegExp): string | undefined {
  return typeof value === 'string' && shape.test(value) ? value : undefined;
}

function asBoolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}
