/** A pending request of a gateway as the connect record that is decided: with what is known besides, and without what is not. */
import type { PairedDevice, PendingRequest } from '../live/index.js';
import type { ConnectRecord } from '../model/index.js';
import { isAtLeast } from './gateway-hello.js';
import { type AddressTrust, type GatewaySettings, trustInAddresses } from './gateway-settings.js';
import { workOutGatewayKind } from './work-out-gateway-kind.js';

/** What is known of a request besides what it says. */
export interface RequestEvidence {
  readonly settings: GatewaySettings;
  /** The addresses of the gateway's host; undefined where they are not known. */
  readonly ownAddresses: readonly string[] | undefined;
  /** What is paired for the device now. */
  readonly paired: PairedDevice | undefined;
  /** Whether the missing address of this request is known to be loopback, without a proxy. */
  readonly isLoopback: boolean;
  /** The gateway's name, which the operator gives. */
  readonly gateway: string | undefined;
}

/** Makes the record; the input is not changed. */
export function toConnectRecord(
  { record, store }: PendingRequest,
  { settings, ownAddresses, paired, isLoopback, gateway }: RequestEvidence,
): ConnectRecord {
  const { kind: _, forwarded: __, remoteIp, ...said } = record;
  const made = {
    ...notKept(store, settings.version),
    ...(store === 'node' ? fromDevice(paired) : {}),
    ...said,
    ...addressOf(remoteIp, isLoopback, trustInAddresses(settings, ownAddresses)),
    kind: store === 'node' ? 'node-commands' : workOutGatewayKind(record, paired, settings.version),
    ...(gateway !== undefined && { gateway }),
    ...(settings.version !== undefined && { gatewayVersion: settings.version }),
  };
  // A kind that is null is an unknown fact; a record whose every fact is known has none.
  return made as ConnectRecord;
}

/** Fields in which this release does not keep what a client says: their absence says nothing, so they are unknown. */
function notKept(
  store: PendingRequest['store'],
  version: string | undefined,
): Readonly<Record<string, null>> {
  return {
    ...((store === 'node' || isAtLeast(version, '2026.9.6') !== true) && { browserOrigin: null }),
    ...(isAtLeast(version, '2026.3.31') !== true && { deviceFamily: null }),
    ...(store === 'node' && { clientId: null, clientMode: null }),
  };
}

function addressOf(
  remoteIp: string | undefined,
  isLoopback: boolean,
  trust: AddressTrust,
): Pick<ConnectRecord, 'remoteIp' | 'forwarded'> {
  if (remoteIp === undefined) return isLoopback ? { remoteIp: '127.0.0.1', forwarded: false } : {};
  if (trust === 'direct') return { remoteIp, forwarded: false };
  return trust === 'maybe-forwarded' ? { remoteIp } : {};
}

/** A request for commands names only the node; what it is stands with its device. */
function fromDevice(paired: PairedDevice | undefined): ConnectRecord {
  if (!paired) return {};
  const { publicKey, clientId, clientMode, deviceFamily, displayName, platform } = paired;
  const fields = { publicKey, clientId, clientMode, deviceFamily, displayName, platform };
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as ConnectRecord;
}
