/** Pairing a device, as the gateway's own approve does it, but that nothing which was revoked comes back with it. */
import { randomBytes } from 'node:crypto';
import type { IsMeant, PairedDevice, PairingAsk, PendingRequest } from '../live/index.js';
import { type Ask, askOf, askOfRow, changedFields, isSameAsk } from './ask.js';
import { scopesOfRoles, tokenRow, usableRoles, usableScopes, usableToken } from './grants.js';
import { pairedDevice, pairedView } from './paired-view.js';
import { findPending, hasExpired } from './pending-view.js';
import {
  flagsOf,
  isRow,
  numberOf,
  textOf,
  textsOf,
  union,
  withoutUndefined,
} from './row-fields.js';
import { overtaken, requestChanged, unknownRequest } from './store-errors.js';
import {
  type Change,
  canonicalId,
  type Edit,
  type Outcome,
  type Row,
  type Tables,
} from './tables.js';

/** Pairs as a pending request asks; the request and its doubles go. */
export function approveChange(given: PendingRequest): Change<PairedDevice> {
  return (tables, now) => {
    const request = findPending(tables, given.requestId, now);
    if (!request || request.deviceId !== canonicalId(given.deviceId)) {
      throw unknownRequest(given.requestId);
    }
    const changed = changedFields(given, request);
    if (changed.length > 0) throw requestChanged(given.requestId, changed);
    const table = request.store === 'device' ? 'devices/pending' : 'nodes/pending';
    const row = tables.row(table, request.requestId) ?? {};
    const gone: Edit = { table, key: request.requestId, row: undefined };
    const outcome = grant(tables, askOfRow(table, request.deviceId, row), row, now);
    return { ...outcome, edits: [...outcome.edits, gone] };
  };
}

/** Pairs as is asked, at once, if that is still meant on the rows as they are now. */
export function pairChange(ask: PairingAsk, isMeant: IsMeant = () => true): Change<PairedDevice> {
  return (tables, now) => {
    if (!isMeant(pairedView(tables, canonicalId(ask.deviceId)))) throw overtaken(ask.deviceId);
    return grant(tables, askOf(ask), ask.record, now);
  };
}

function grant(tables: Tables, ask: Ask, said: Row, now: number): Outcome<PairedDevice> {
  const requests: Edit[] = [];
  for (const { table, requestId, row } of tables.requestsOf(ask.deviceId)) {
    const isDouble = isSameAsk(askOfRow(table, ask.deviceId, row), ask);
    if (isDouble || hasExpired(row, now)) requests.push({ table, key: requestId, row: undefined });
  }
  const { edits, result } =
    ask.table === 'devices/pending'
      ? grantDevice(tables, ask, said, now)
      : grantNode(tables, ask, said, now);
  return { edits: [...edits, ...requests], result };
}

function grantDevice(tables: Tables, ask: Ask, said: Row, now: number): Outcome<PairedDevice> {
  const key = ask.deviceId;
  const stored = tables.row('devices/paired', key);
  // Another key is another device: nothing of what the old one had passes to it.
  const old = stored && textOf(stored, 'publicKey') === ask.publicKey ? stored : undefined;
  const row = deviceRow(old, ask, said, now);
  const edits: Edit[] = [{ table: 'devices/paired', key, row }];
  const node = tables.row('nodes/paired', key);
  const isRekeyed = stored !== undefined && old === undefined;
  if (isRekeyed && node) edits.push({ table: 'nodes/paired', key, row: undefined });
  return { edits, result: pairedDevice(key, row, isRekeyed ? undefined : node) };
}

function deviceRow(old: Row | undefined, ask: Ask, said: Row, now: number): Row {
  const kept = old ? usableRoles(old) : [];
  const roles = union(kept, ask.roles);
  const scopes = union(old ? usableScopes(old) : [], ask.scopes);
  const last = textOf(said, 'role');
  // A record says what it likes; only what was asked for is granted.
  const role = last !== undefined && ask.roles.includes(last) ? last : ask.roles.at(-1);
  return withoutUndefined({
    ...old,
    deviceId: ask.deviceId,
    publicKey: ask.publicKey,
    ...saidFields(old, said),
    role: role ?? kept.at(-1),
    roles,
    scopes,
    approvedScopes: scopes,
    remoteIp: textOf(said, 'remoteIp') ?? textOf(old, 'remoteIp'),
    tokens: tokensFor(old, ask.roles, roles, scopes, now),
    createdAtMs: numberOf(old, 'createdAtMs') ?? now,
    approvedAtMs: now,
  });
}

/** What a client says of itself, or said before. */
function saidFields(old: Row | undefined, said: Row): Row {
  const names = [
    'displayName',
    'platform',
    'deviceFamily',
    'clientId',
    'clientMode',
    'browserOrigin',
  ];
  return Object.fromEntries(names.map((name) => [name, textOf(said, name) ?? textOf(old, name)]));
}

function tokensFor(
  old: Row | undefined,
  asked: readonly string[],
  roles: readonly string[],
  scopes: readonly string[],
  now: number,
): Row {
  const before: unknown = old?.['tokens'];
  const tokens = new Map<string, unknown>(isRow(before) ? Object.entries(before) : []);
  for (const role of roles) {
    // A role without a token was usable as long as no other role had one: it gets its own.
    const isKept = !asked.includes(role) && old !== undefined && usableToken(old, role);
    if (!isKept) tokens.set(role, newToken(old && tokenRow(old, role), role, scopes, now));
  }
  return Object.fromEntries(tokens);
}

function newToken(old: Row | undefined, role: string, scopes: readonly string[], now: number): Row {
  return withoutUndefined({
    token: newSecret(),
    role,
    scopes: scopesOfRoles(scopes, [role]).toSorted(),
    createdAtMs: numberOf(old, 'createdAtMs') ?? now,
    rotatedAtMs: old ? now : undefined,
    lastUsedAtMs: numberOf(old, 'lastUsedAtMs'),
  });
}

/** The form that gateways give their tokens since 2026.2.19. */
function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

function grantNode(tables: Tables, ask: Ask, said: Row, now: number): Outcome<PairedDevice> {
  const key = ask.deviceId;
  const old = tables.row('nodes/paired', key);
  const row = withoutUndefined({
    ...old,
    nodeId: key,
    token: newSecret(),
    ...saidFields(old, said),
    ...nodeFields(old, said),
    // The surface is what was approved now, not what was before as well.
    commands: ask.commands,
    remoteIp: textOf(said, 'remoteIp') ?? textOf(old, 'remoteIp'),
    createdAtMs: numberOf(old, 'createdAtMs') ?? now,
    approvedAtMs: now,
  });
  const edits: Edit[] = [{ table: 'nodes/paired', key, row }];
  return { edits, result: pairedDevice(key, tables.row('devices/paired', key), row) };
}

/** What only nodes say of themselves. */
function nodeFields(old: Row | undefined, said: Row): Row {
  const texts = ['version', 'coreVersion', 'uiVersion', 'modelIdentifier'];
  return {
    ...Object.fromEntries(texts.map((name) => [name, textOf(said, name) ?? old?.[name]])),
    caps: textsOf(said, 'caps') ?? old?.['caps'],
    permissions: flagsOf(said, 'permissions') ?? old?.['permissions'],
  };
}
