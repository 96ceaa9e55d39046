import type { PairedDevice } from '../live/index.js';
import { approvedScopes, lastSeen, usableRoles } from './grants.js';
import { numberOf, textOf, textsOf } from './row-fields.js';
import type { Row, Tables } from './tables.js';

/** A device as both stores have it, without its secrets; undefined where neither has it. */
export function pairedView(tables: Tables, deviceId: string): PairedDevice | undefined {
  const device = tables.row('devices/paired', deviceId);
  const node = tables.row('nodes/paired', deviceId);
  return device || node ? pairedDevice(deviceId, device, node) : undefined;
}

/** A device out of its rows. One that is only in `nodes/` has no role: that store lets nobody in. */
export function pairedDevice(
  deviceId: string,
  device: Row | undefined,
  node: Row | undefined,
): PairedDevice {
  const field = (name: string) => textOf(device, name) ?? textOf(node, name);
  const time = (name: string) => numberOf(device, name) ?? numberOf(node, name);
  return {
    deviceId,
    publicKey: textOf(device, 'publicKey'),
    displayName: field('displayName'),
    platform: field('platform'),
    deviceFamily: field('deviceFamily'),
    clientId: field('clientId'),
    clientMode: field('clientMode'),
    remoteIp: field('remoteIp'),
    roles: device ? usableRoles(device) : [],
    scopes: device ? approvedScopes(device) : [],
    commands: node ? (textsOf(node, 'commands') ?? []) : undefined,
    createdAtMs: time('createdAtMs'),
    approvedAtMs: time('approvedAtMs'),
    lastSeenAtMs: lastSeen(device, node),
  };
}

/** Every device of both stores, each once. */
export function* allPairedViews(tables: Tables): Iterable<PairedDevice> {
  for (const deviceId of tables.keys('devices/paired')) {
    const view = pairedView(tables, deviceId);
    if (view) yield view;
  }
  for (const deviceId of tables.keys('nodes/paired')) {
    if (tables.row('devices/paired', deviceId)) continue;
    const view = pairedView(tables, deviceId);
    if (view) yield view;
  }
}
