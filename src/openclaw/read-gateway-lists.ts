/** All that a gateway has paired, and all that waits there. */
import type { PairedDevice, PendingRequest } from '../live/index.js';
import { fieldsOf } from './gateway-hello.js';
import type { GatewayLink } from './gateway-link.js';
import { toPaired, toRequest } from './gateway-rows.js';

export interface GatewayLists {
  /** By the device id in lower case. */
  readonly paired: ReadonlyMap<string, PairedDevice>;
  readonly requests: readonly PendingRequest[];
}

/** Asks for both lists; rejects where the one of the devices cannot be had. */
export async function readGatewayLists(link: GatewayLink): Promise<GatewayLists> {
  const [devices, nodes] = await Promise.all([
    link.request('device.pair.list', {}).then(fieldsOf),
    // A login that may see devices may be refused the nodes; then there are none for it.
    link.request('node.pair.list', {}).then(fieldsOf, () => fieldsOf(undefined)),
  ]);
  const nodeRows = new Map(rowsOf(nodes['paired']).map((row) => [fieldsOf(row)['nodeId'], row]));
  const paired = rowsOf(devices['paired'])
    .map((row) => toPaired(row, nodeRows.get(fieldsOf(row)['deviceId'])))
    .filter((device) => device !== undefined);
  const requests = [
    ...rowsOf(devices['pending']).map((row) => toRequest(row, 'device')),
    ...rowsOf(nodes['pending']).map((row) => toRequest(row, 'node')),
  ].filter((request) => request !== undefined);
  return {
    paired: new Map(paired.map((device) => [device.deviceId.toLowerCase(), device])),
    requests,
  };
}

function rowsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
