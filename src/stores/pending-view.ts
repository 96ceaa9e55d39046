import type { PendingRequest } from '../live/index.js';
import type { ConnectRecord } from '../model/index.js';
import { numberOf } from './row-fields.js';
import { deviceOf, PENDING_TABLES, type RequestRow, type Row, type Tables } from './tables.js';

/** How long a request waits after it was last asked, as in every release. */
const PENDING_MS = 300_000;

/** A gateway keeps no secret in a request; what a plugin or a script adds is not ours to tell. */
const SECRET = /token|secret|password|credential/i;

/** A request as the contract has it; undefined where the row names no device or has expired. */
export function pendingView(request: RequestRow, now: number): PendingRequest | undefined {
  const { table, requestId, row } = request;
  const deviceId = deviceOf(table, requestId, row);
  if (deviceId === undefined || hasExpired(row, now)) return undefined;
  const store = table === 'devices/pending' ? 'device' : 'node';
  return {
    requestId,
    store,
    deviceId,
    ts: numberOf(row, 'ts') ?? 0,
    expiresAt: expiryOf(row),
    record: pendingRecord(store, requestId, deviceId, row),
  };
}

/** The request with this id, wherever it is, as long as it has not expired. */
export function findPending(
  tables: Tables,
  requestId: string,
  now: number,
): PendingRequest | undefined {
  for (const table of PENDING_TABLES) {
    const row = tables.row(table, requestId);
    const view = row && pendingView({ table, requestId, row }, now);
    if (view) return view;
  }
  return undefined;
}

/** What a device has waiting. */
export function pendingViewsOf(
  tables: Tables,
  deviceId: string,
  now: number,
): readonly PendingRequest[] {
  return newestFirst([...tables.requestsOf(deviceId)], now);
}

/** All that wait. */
export function allPendingViews(tables: Tables, now: number): readonly PendingRequest[] {
  const requests = PENDING_TABLES.flatMap((table) =>
    [...tables.keys(table)].flatMap((requestId) => {
      const row = tables.row(table, requestId);
      return row ? [{ table, requestId, row }] : [];
    }),
  );
  return newestFirst(requests, now);
}

/** Whether a request is gone for the gateway, though it may still stand in the file. */
export function hasExpired(row: Row, now: number): boolean {
  const end = expiryOf(row);
  return end !== undefined && now > end;
}

/** When a request expires, in ms since the epoch; undefined where it never does. */
export function expiryOf(row: Row): number | undefined {
  const asked = numberOf(row, 'refreshedAtMs') ?? numberOf(row, 'ts');
  return asked === undefined ? undefined : asked + PENDING_MS;
}

function newestFirst(requests: readonly RequestRow[], now: number): readonly PendingRequest[] {
  return requests
    .map((request) => pendingView(request, now))
    .filter((view) => view !== undefined)
    .sort((one, other) => other.ts - one.ts);
}

function pendingRecord(
  store: PendingRequest['store'],
  requestId: string,
  deviceId: string,
  row: Row,
): ConnectRecord {
  const fields = Object.entries(row).filter(([name]) => !SECRET.test(name));
  const record: Record<string, unknown> = { ...Object.fromEntries(fields), requestId, deviceId };
  if (store === 'node') record['kind'] = 'node-commands';
  // Normalising takes any JSON object: what is of no form there is an unknown fact.
  return record as ConnectRecord;
}
