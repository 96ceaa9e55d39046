/** Asking, and taking back: what waits, and what was granted. */
import { randomUUID } from 'node:crypto';
import type { PairingAsk, PendingRequest } from '../live/index.js';
import { type Ask, askOf, askOfRow, isSameAsk } from './ask.js';
import { checkRoom, type PendingBounds } from './pending-room.js';
import { findPending, hasExpired, pendingView } from './pending-view.js';
import { flagsOf, numberOf, textOf, textsOf, withoutUndefined } from './row-fields.js';
import { unknownRequest } from './store-errors.js';
import type { Change, Edit, RequestRow, Row, Tables } from './tables.js';

/** The request for this ask: the one that waits, refreshed, or a new one. Fails with `PENDING_FULL` where it has no room. */
export function requestChange(given: PairingAsk, bounds: PendingBounds): Change<PendingRequest> {
  return (tables, now) => {
    const ask = askOf(given);
    const waiting = findAsk(tables, ask, now);
    const requestId = waiting?.requestId ?? randomUUID();
    const row = requestRow(tables, given, ask, requestId, waiting?.row, now);
    checkRoom(tables, { table: ask.table, row, old: waiting?.row }, now, bounds);
    const result = pendingView({ table: ask.table, requestId, row }, now);
    // INVARIANT: a request that is asked now has not expired; else a device would wait for what nobody can see.
    if (!result) throw unknownRequest(requestId);
    const edits: Edit[] = [{ table: ask.table, key: requestId, row }];
    return { edits, result };
  };
}

/** A request that was asked again so soon is not written anew for it: it lives for five minutes from then. */
const WRITTEN_AGAIN_MS = 30_000;

/** The request that waits for this ask, where nothing but the time would change, and not by much. */
export function waitingRequest(
  tables: Tables,
  given: PairingAsk,
  now: number,
): { readonly request: RequestRow; readonly view: PendingRequest } | undefined {
  const ask = askOf(given);
  const request = findAsk(tables, ask, now);
  const asked = numberOf(request?.row, 'refreshedAtMs');
  if (!request || asked === undefined || now < asked || now - asked >= WRITTEN_AGAIN_MS) {
    return undefined;
  }
  const { requestId, row } = request;
  const again = { ...requestRow(tables, given, ask, requestId, row, now), refreshedAtMs: asked };
  const view = pendingView(request, now);
  return view && JSON.stringify(again) === JSON.stringify(row) ? { request, view } : undefined;
}

/** Drops a request. */
export function rejectChange(given: PendingRequest): Change<void> {
  return (tables, now) => {
    const request = findPending(tables, given.requestId, now);
    if (!request) throw unknownRequest(given.requestId);
    const table = request.store === 'device' ? 'devices/pending' : 'nodes/pending';
    return { edits: [{ table, key: request.requestId, row: undefined }], result: undefined };
  };
}

function findAsk(tables: Tables, ask: Ask, now: number) {
  for (const request of tables.requestsOf(ask.deviceId)) {
    if (hasExpired(request.row, now)) continue;
    if (isSameAsk(askOfRow(request.table, ask.deviceId, request.row), ask)) return request;
  }
  return undefined;
}

function requestRow(
  tables: Tables,
  { record }: PairingAsk,
  ask: Ask,
  requestId: string,
  old: Row | undefined,
  now: number,
): Row {
  const isDevice = ask.table === 'devices/pending';
  const said: Row = { ...record };
  const word = (name: string) => textOf(said, name);
  return withoutUndefined({
    ...old,
    requestId,
    ...(isDevice ? { deviceId: ask.deviceId, publicKey: ask.publicKey } : { nodeId: ask.deviceId }),
    // All of the client's words are those of now: an address that stays from another connection would be a lie.
    displayName: word('displayName'),
    platform: word('platform'),
    deviceFamily: word('deviceFamily'),
    clientId: word('clientId'),
    clientMode: word('clientMode'),
    browserOrigin: ask.browserOrigin,
    ...(isDevice
      ? { role: ask.roles.at(-1), roles: ask.roles, scopes: ask.scopes }
      : {
          // INVARIANT: only of the form that gateways read; else one node's nesting makes the file unreadable for all.
          caps: textsOf(said, 'caps'),
          commands: ask.commands,
          permissions: flagsOf(said, 'permissions'),
        }),
    remoteIp: word('remoteIp'),
    silent: false,
    ...(isDevice && { isRepair: tables.row('devices/paired', ask.deviceId) !== undefined }),
    ts: numberOf(old, 'ts') ?? now,
    refreshedAtMs: now,
  });
}
