/** The connect records that a store's entries stand for. */
import { type PairedDevice, type PendingRequest, workOutKind } from '../../live/index.js';
import { normaliseRecord } from '../../model/index.js';
import type { RawRecord } from '../../simulate/index.js';

/** A pending request as the connect that it was. */
export function requestRecord(
  { record, store, deviceId, requestId, ts }: PendingRequest,
  paired: PairedDevice | undefined,
): RawRecord {
  const asked = { ...record, deviceId, requestId, ts };
  if (store === 'node') return { ...asked, kind: 'node-commands' };
  // What cannot be told is unknown, whatever the request says of itself.
  return { ...asked, kind: workOutKind(normaliseRecord(asked), paired) ?? null };
}

/** A paired device as if it asked today for what it has: what the store does not hold is unknown. */
export function pairedRecord(device: PairedDevice, kind: PairedKind): RawRecord {
  const { deviceId, publicKey, displayName, platform, deviceFamily } = device;
  const { clientId, clientMode, remoteIp, roles, scopes, commands } = device;
  const known = { deviceId, publicKey, displayName, platform, deviceFamily, clientId, clientMode };
  return {
    ...known,
    remoteIp,
    kind,
    ...(kind === 'node-commands'
      ? { role: 'node', scopes: [], commands: commands ?? [] }
      : { roles, scopes }),
  };
}

/** As what a device that is paired already can be judged. */
export type PairedKind = 'new-device' | 'reconnect' | 'node-commands';

/** What a request asks for, and what its client says of itself. What is `null` is not said, or is not as it should be. */
export interface RequestFields {
  readonly publicKey: string | null;
  readonly name: string | null;
  readonly roles: readonly string[] | null;
  readonly scopes: readonly string[] | null;
  /** Null for a device that asks to be paired. */
  readonly commands: readonly string[] | null;
  readonly remoteIp: string | null;
  readonly clientId: string | null;
  readonly clientMode: string | null;
  readonly platform: string | null;
}

/** Reads a request as it may be shown: it was written by others, and any field may be anything. */
export function requestFields(request: PendingRequest): RequestFields {
  const { roles, scopes, commands } = normaliseRecord(requestRecord(request, undefined));
  const { publicKey, displayName, remoteIp, clientId, clientMode, platform } = request.record;
  return {
    publicKey: textOf(publicKey),
    name: textOf(displayName),
    roles: roles ?? null,
    scopes: scopes ?? null,
    commands: request.store === 'node' ? (commands ?? null) : null,
    remoteIp: textOf(remoteIp),
    clientId: textOf(clientId),
    clientMode: textOf(clientMode),
    platform: textOf(platform),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
