/**
 * The one place where connect records are cleaned: a record as a gateway, a file or a caller gives
 * it becomes facts. Total: whatever the record is, no exception, and what is not of the right form
 * is unknown.
 */
import { type Address, parseAddress } from './address.js';
import { CLEAN_FIELDS, type CleanFields, cleanField, toStrings } from './clean-fields.js';
import type { Facts } from './facts.js';
import type { Kind, Role } from './words.js';

/** Makes facts of a connect record. Fields that are no facts are ignored. */
export function normaliseRecord(record: unknown): Facts {
  try {
    return assembleFacts(cleanRecord(toFields(record)));
  } catch {
    // An accessor or a proxy threw: then nothing of the record is known.
    return assembleFacts(cleanRecord({}));
  }
}

/** Makes facts of fields that were cleaned one by one: what one field says about another one. */
export function assembleFacts(fields: CleanFields): Facts {
  const { isRepair, authMethod } = fields;
  const gatewayMade = typeof isRepair === 'boolean';
  const kind = kindOf(fields);
  const nodeCommands = kind === 'node-commands';
  const text = gatewayMade ? '' : undefined;
  return {
    ts: fields.ts ?? undefined,
    requestId: fields.requestId ?? undefined,
    deviceId: fields.deviceId ?? undefined,
    publicKey: fields.publicKey ?? undefined,
    remoteIp: fields.remoteIp ?? undefined,
    forwarded: fields.forwarded ?? undefined,
    clientId: filled(fields.clientId, text),
    clientMode: filled(fields.clientMode, text),
    clientVersion: fields.clientVersion ?? undefined,
    platform: filled(fields.platform, text),
    deviceFamily: filled(fields.deviceFamily, text),
    displayName: filled(fields.displayName, text),
    browserOrigin: filled(fields.browserOrigin, text),
    roles: rolesOf(fields, nodeCommands),
    scopes: filled(fields.scopes, nodeCommands ? NONE : undefined),
    commands: filled(fields.commands, gatewayMade || isToPair(kind) ? NONE : undefined),
    authMethod: authMethod ?? undefined,
    authUser: isVerified(authMethod) ? (fields.authUser ?? undefined) : undefined,
    kind,
    gateway: fields.gateway ?? undefined,
    gatewayVersion: fields.gatewayVersion ?? undefined,
    isRepair: isRepair ?? undefined,
    silent: fields.silent ?? undefined,
  };
}

const NONE: readonly string[] = Object.freeze([]);

/** Reads a list of addresses; one that is none makes the whole list unknown. */
export function normaliseAddresses(list: unknown): readonly Address[] | undefined {
  const texts = toStrings(list);
  const addresses = texts?.map(parseAddress);
  return addresses?.every((address) => address !== undefined) ? addresses : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

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

function cleanRecord(fields: Fields): CleanFields {
  const clean: Partial<Record<keyof CleanFields, unknown>> = {};
  for (const field of CLEAN_FIELDS) clean[field] = cleanField(field, fields[field]);
  return clean as CleanFields;
}

/** The value of a field, or `fill` where the field is absent (not `null`). */
function filled<T>(value: T | null | undefined, fill: T | undefined): T | undefined {
  return value === undefined ? fill : (value ?? undefined);
}

function kindOf({ kind, isRepair }: CleanFields): Kind | undefined {
  return filled(kind, isRepair === false ? 'new-device' : undefined);
}

/** Whether it is the device that asks, and not the commands of a node. */
function isToPair(kind: Kind | undefined): boolean {
  return kind !== undefined && kind !== 'node-commands';
}

function isVerified(authMethod: CleanFields['authMethod']): boolean {
  return authMethod === 'tailscale' || authMethod === 'trusted-proxy';
}

/** The union of `role` and `roles`; what is empty asks for nothing that is known. */
function rolesOf({ role, roles }: CleanFields, nodeCommands: boolean): readonly Role[] | undefined {
  if (role === null || roles === null) return undefined;
  if (role === undefined && roles === undefined) return nodeCommands ? ['node'] : undefined;
  if (role === undefined || roles === undefined) return someOf(role ?? roles);
  const isSame = role.length === 1 && roles.length === 1 && role[0] === roles[0];
  return isSame ? roles : someOf([...new Set([...role, ...roles])]);
}

function someOf(roles: readonly Role[] | undefined): readonly Role[] | undefined {
  return roles && roles.length > 0 ? roles : undefined;
}
