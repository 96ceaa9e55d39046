/** All that a store holds as rows of one table, whichever of its stores an entry is in. */
import type { Block, PairedDevice, PairingStore, PendingRequest } from '../../live/index.js';
import type { DevicesOutput } from '../schemas/devices-output.js';
import type { Judge } from '../stores/judge.js';
import { shortIds } from '../stores/short-ids.js';
import { requestFields } from '../stores/store-records.js';
import type { Approvals } from './approvals.js';

/** A row as `devices --format json` has it. */
export type DeviceRow = DevicesOutput['devices'][number];

/** What is known beside the store. */
export interface RowSources {
  readonly judge: Judge | undefined;
  readonly approvals: Approvals;
}

/** Pending first, the newest first; then paired, the newest first; then blocked ones that are neither. */
export function deviceRows(store: PairingStore, sources: RowSources): readonly DeviceRow[] {
  const pending = store.allPending();
  const paired = [...store.allPaired()].sort(
    (a, b) => (b.approvedAtMs ?? 0) - (a.approvedAtMs ?? 0) || (a.deviceId < b.deviceId ? -1 : 1),
  );
  const blocks = store.blocks.all();
  const short = shortIds([
    ...pending.flatMap(({ requestId, deviceId }) => [requestId, deviceId]),
    ...paired.map(({ deviceId }) => deviceId),
    ...blocks.map(({ device }) => device),
  ]);
  const known = new Set<Block>();
  const blockOf = (device: { deviceId: string; publicKey?: string | undefined }) => {
    const block = store.blocks.find(device);
    if (block) known.add(block);
    return block ? { reason: block.reason ?? null, since: block.since } : null;
  };
  return [
    ...pending.map((request) => {
      const { deviceId, record } = request;
      const blocked = blockOf({ deviceId, publicKey: record.publicKey });
      return pendingRow(request, store.paired(deviceId), blocked, short, sources);
    }),
    ...paired.map((device) => pairedRow(device, blockOf(device), short, sources)),
    ...blocks.filter((block) => !known.has(block)).map((block) => blockedRow(block, short)),
  ];
}

type Blocked = DeviceRow['blocked'];
type Shorten = (id: string) => string;

function pendingRow(
  request: PendingRequest,
  paired: PairedDevice | undefined,
  blocked: Blocked,
  short: Shorten,
  { judge }: RowSources,
): DeviceRow {
  const { requestId, deviceId, store, ts, expiresAt } = request;
  return {
    state: 'pending',
    stores: [store],
    id: short(requestId),
    requestId,
    deviceId,
    ...requestFields(request),
    since: ts,
    expiresAt: expiresAt ?? null,
    lastSeen: null,
    approvedBy: null,
    blocked,
    decision: judge?.decideRequest(request, paired) ?? null,
  };
}

function pairedRow(
  device: PairedDevice,
  blocked: Blocked,
  short: Shorten,
  { approvals }: RowSources,
): DeviceRow {
  const { deviceId, publicKey, commands } = device;
  // Only the gateway's store of devices holds keys.
  const inDevices = publicKey !== undefined ? ['device' as const] : [];
  return {
    state: 'paired',
    stores: commands === undefined ? ['device'] : [...inDevices, 'node'],
    id: short(deviceId),
    requestId: null,
    deviceId,
    publicKey: publicKey ?? null,
    name: device.displayName ?? null,
    roles: device.roles,
    scopes: device.scopes,
    commands: commands ?? null,
    remoteIp: device.remoteIp ?? null,
    clientId: device.clientId ?? null,
    clientMode: device.clientMode ?? null,
    platform: device.platform ?? null,
    since: device.approvedAtMs ?? device.createdAtMs ?? null,
    expiresAt: null,
    lastSeen: device.lastSeenAtMs ?? null,
    approvedBy: approvals.of(device) ?? null,
    blocked,
    decision: null,
  };
}

function blockedRow({ device, reason, since }: Block, short: Shorten): DeviceRow {
  const isId = /^[0-9a-f]{64}$/i.test(device);
  return {
    state: 'blocked',
    stores: [],
    id: short(device),
    requestId: null,
    deviceId: isId ? device : null,
    publicKey: isId ? null : device,
    name: null,
    roles: [],
    scopes: [],
    commands: null,
    remoteIp: null,
    clientId: null,
    clientMode: null,
    platform: null,
    since,
    expiresAt: null,
    lastSeen: null,
    approvedBy: null,
    blocked: { reason: reason ?? null, since },
    decision: null,
  };
}
