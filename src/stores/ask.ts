/** What a request asks for, and whether two ask for the same. */
import type { PairingAsk, PendingRequest } from '../live/index.js';
import { hasSameMembers, isRow, textOf, textsOf, union } from './row-fields.js';
import { canonicalId, type PendingTable, type Row } from './tables.js';

/** What is pinned to a request: its device, and what that would get. */
export interface Ask {
  readonly table: PendingTable;
  readonly deviceId: string;
  readonly publicKey: string | undefined;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly commands: readonly string[];
  /** A browser is bound to its origin: the same key from elsewhere is another ask. */
  readonly browserOrigin: string | undefined;
}

/** The ask of a caller. */
export function askOf(ask: PairingAsk): Ask {
  return {
    table: ask.store === 'device' ? 'devices/pending' : 'nodes/pending',
    deviceId: canonicalId(ask.deviceId),
    publicKey: ask.store === 'device' ? ask.publicKey : undefined,
    roles: ask.store === 'device' ? union(ask.roles) : [],
    scopes: ask.store === 'device' ? union(ask.scopes) : [],
    commands: union(ask.commands),
    browserOrigin: ask.store === 'device' ? textOf(ask.record, 'browserOrigin') : undefined,
  };
}

/** The ask of a pending row. */
export function askOfRow(table: PendingTable, deviceId: string, row: Row): Ask {
  const role = textOf(row, 'role');
  const isDevice = table === 'devices/pending';
  const roles = union(textsOf(row, 'roles') ?? [], role === undefined ? [] : [role]);
  return {
    table,
    deviceId,
    publicKey: isDevice ? textOf(row, 'publicKey') : undefined,
    roles: isDevice ? roles : [],
    scopes: isDevice ? union(textsOf(row, 'scopes') ?? []) : [],
    commands: isDevice ? [] : union(textsOf(row, 'commands') ?? []),
    browserOrigin: isDevice ? textOf(row, 'browserOrigin') : undefined,
  };
}

/** Whether two ask for the same, for the same device. */
export function isSameAsk(one: Ask, other: Ask): boolean {
  return (
    one.table === other.table &&
    one.deviceId === other.deviceId &&
    one.publicKey === other.publicKey &&
    one.browserOrigin === other.browserOrigin &&
    hasSameMembers(one.roles, other.roles) &&
    hasSameMembers(one.scopes, other.scopes) &&
    hasSameMembers(one.commands, other.commands)
  );
}

/** What a decision may have rested on; what a retry changes by itself (its time) is not among it. */
const DECIDED_ON = [
  'deviceId',
  'publicKey',
  'role',
  'roles',
  'scopes',
  'commands',
  'caps',
  'permissions',
  'remoteIp',
  'displayName',
  'platform',
  'deviceFamily',
  'clientId',
  'clientMode',
  'browserOrigin',
] as const;

/** The fields in which a request is not as it was given. */
export function changedFields(given: PendingRequest, now: PendingRequest): readonly string[] {
  if (given.store !== now.store) return ['store'];
  return DECIDED_ON.filter((field) => !isSameValue(given.record[field], now.record[field]));
}

function isSameValue(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((member, i) => isSameValue(member, other[i]));
  }
  if (!isRow(one) || !isRow(other)) return one === other;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isSameValue(one[name], other[name]))
  );
}
