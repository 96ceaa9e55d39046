/** The fields of a connect record, each cleaned by itself: what the facts are made of. */
import { type Address, parseAddress } from './address.js';
import { parseTimestamp } from './timestamp.js';
import {
  AUTH_METHODS,
  type AuthMethod,
  isOneOf,
  KINDS,
  type Kind,
  ROLES,
  type Role,
} from './words.js';

/** A cleaned field: `undefined` where the record has none, `null` where it is of no use. */
type Clean<T> = T | null | undefined;

/** Each field that a fact is made of, after cleaning. */
export interface CleanFields {
  readonly ts: Clean<number>;
  readonly requestId: Clean<string>;
  readonly deviceId: Clean<string>;
  readonly publicKey: Clean<string>;
  readonly remoteIp: Clean<Address>;
  readonly forwarded: Clean<boolean>;
  readonly clientId: Clean<string>;
  readonly clientMode: Clean<string>;
  readonly clientVersion: Clean<string>;
  readonly platform: Clean<string>;
  readonly deviceFamily: Clean<string>;
  readonly displayName: Clean<string>;
  readonly browserOrigin: Clean<string>;
  readonly role: Clean<readonly Role[]>;
  readonly roles: Clean<readonly Role[]>;
  readonly scopes: Clean<readonly string[]>;
  readonly commands: Clean<readonly string[]>;
  readonly authMethod: Clean<AuthMethod>;
  readonly authUser: Clean<string>;
  readonly kind: Clean<Kind>;
  readonly gateway: Clean<string>;
  readonly gatewayVersion: Clean<string>;
  readonly isRepair: Clean<boolean>;
  readonly silent: Clean<boolean>;
}

/** How the value of each field is cleaned; undefined where it is of no use. Absent values are not given to it. */
export type Cleaners = {
  readonly [Field in keyof CleanFields]: (value: unknown) => Exclude<CleanFields[Field], null>;
};

const DEVICE_ID = /^[0-9a-fA-F]{64}$/;
/** 43 characters hold 258 bits; the two that are too many must be zero. */
const PUBLIC_KEY = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
/** Beyond any honest client's; what deciding costs is bounded by these. */
const MAX_TEXT = 65_536;
const MAX_MEMBERS = 4_096;
const SPACE_OR_CONTROL = /[\s\p{Cc}]/u;

/** Cleans the value of each field. */
const CLEANERS: Cleaners = {
  ts: parseTimestamp,
  requestId: asString,
  deviceId: (value) => asMatch(value, DEVICE_ID)?.toLowerCase(),
  publicKey: (value) => asMatch(value, PUBLIC_KEY),
  remoteIp: parseAddress,
  forwarded: asBoolean,
  clientId: asString,
  clientMode: asString,
  clientVersion: asString,
  platform: asString,
  deviceFamily: asString,
  displayName: asString,
  browserOrigin: asString,
  role: (value) => toRoles([value]),
  roles: toRoles,
  scopes: toScopes,
  commands: toStrings,
  authMethod: (value) => (isOneOf(AUTH_METHODS, value) ? value : undefined),
  authUser: asString,
  kind: (value) => (isOneOf(KINDS, value) ? value : undefined),
  gateway: asString,
  gatewayVersion: asString,
  isRepair: asBoolean,
  silent: asBoolean,
};

/** The fields of a connect record, in the order of `CleanFields`. */
export const CLEAN_FIELDS = Object.keys(CLEANERS) as readonly (keyof CleanFields)[];

/** Whether a text is a device id: 64 hex digits, case ignored. */
export function isDeviceId(text: string): boolean {
  return DEVICE_ID.test(text);
}

/** Whether a text is a public key: canonical base64url of 32 bytes. */
export function isPublicKey(text: string): boolean {
  return PUBLIC_KEY.test(text);
}

/** The cleaned value of one field; `null` where it is there and of no use. */
export function cleanField<Field extends keyof CleanFields>(
  field: Field,
  value: unknown,
): CleanFields[Field] {
  if (value === undefined) return undefined;
  return (CLEANERS[field](value) ?? null) as CleanFields[Field];
}

/** Reads a list of texts; undefined if a member is none. */
export function toStrings(value: unknown): readonly string[] | undefined {
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

/** A word that is no role makes all of what is asked for unknown. */
function toRoles(value: unknown): readonly Role[] | undefined {
  const words = toScopes(value);
  return words?.every((word) => isOneOf(ROLES, word)) ? words : undefined;
}

/** A list of words: trimmed, none empty, none with white space or control characters inside. */
function toScopes(value: unknown): readonly string[] | undefined {
  const words = toStrings(value)?.map((word) => word.trim());
  if (!words || words.some((word) => word === '' || SPACE_OR_CONTROL.test(word))) return undefined;
  return [...new Set(words)];
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
