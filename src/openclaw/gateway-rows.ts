/** The rows of `device.pair.list` and `node.pair.list` as ours: fields are picked, so that no secret comes along. */
import type { PairedDevice, PendingRequest } from '../live/index.js';
import type { ConnectRecord } from '../model/index.js';
import { fieldsOf, numberOf, textOf, textsOf } from './gateway-hello.js';

/** How long a request waits before the gateway drops it, in ms. */
const TTL_MS = 300_000;

/** What a gateway may put into a request beside what is secret; other fields are not for us. */
const REQUEST_FIELDS = [
  'requestId',
  'deviceId',
  'nodeId',
  'publicKey',
  'displayName',
  'platform',
  'deviceFamily',
  'modelIdentifier',
  'clientId',
  'clientMode',
  'browserOrigin',
  'version',
  'coreVersion',
  'uiVersion',
  'caps',
  'commands',
  'permissions',
  'role',
  'roles',
  'scopes',
  'remoteIp',
  'silent',
  'isRepair',
  'requiredApproveScopes',
  'ts',
] as const;

/** One pending row, or undefined where it is none. */
export function toRequest(
  row: unknown,
  store: PendingRequest['store'],
): PendingRequest | undefined {
  const fields = fieldsOf(row);
  const requestId = textOf(fields['requestId']);
  const deviceId = textOf(fields['deviceId']) ?? textOf(fields['nodeId']);
  const ts = numberOf(fields['ts']);
  if (requestId === undefined || deviceId === undefined || ts === undefined) return undefined;
  const record: Record<string, unknown> = {};
  for (const name of REQUEST_FIELDS) {
    if (fields[name] !== undefined) record[name] = fields[name];
  }
  return {
    requestId,
    store,
    deviceId,
    ts,
    expiresAt: store === 'device' ? ts + TTL_MS : undefined,
    record: (store === 'device'
      ? record
      : { ...record, deviceId, kind: 'node-commands' }) as ConnectRecord,
  };
}

/** One paired row with the node's row of the same device, or undefined where it is none. */
export function toPaired(row: unknown, nodeRow?: unknown): PairedDevice | undefined {
  const fields = fieldsOf(row);
  const node = fieldsOf(nodeRow);
  const deviceId = textOf(fields['deviceId']);
  if (deviceId === undefined) return undefined;
  const tokens = Array.isArray(fields['tokens']) ? fields['tokens'].map(fieldsOf) : [];
  const own = (name: string) => textOf(fields[name]);
  return {
    deviceId,
    publicKey: own('publicKey'),
    displayName: own('displayName'),
    platform: own('platform'),
    deviceFamily: own('deviceFamily'),
    clientId: own('clientId'),
    clientMode: own('clientMode'),
    remoteIp: own('remoteIp'),
    roles: rolesOf(fields, tokens),
    scopes: textsOf(fields['approvedScopes']) ?? textsOf(fields['scopes']) ?? [],
    commands: nodeRow === undefined ? undefined : (textsOf(node['commands']) ?? []),
    createdAtMs: numberOf(fields['createdAtMs']),
    approvedAtMs: numberOf(fields['approvedAtMs']),
    lastSeenAtMs: latest([
      numberOf(fields['lastSeenAtMs']),
      numberOf(node['lastConnectedAtMs']),
      ...tokens.map((token) => numberOf(token['lastUsedAtMs'])),
    ]),
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** Where there are tokens, a role counts while one of its tokens is not revoked. */
function rolesOf(fields: Fields, tokens: readonly Fields[]): readonly string[] {
  if (tokens.length > 0) {
    const live = tokens.filter((token) => token['revokedAtMs'] === undefined);
    return distinct(live.map((token) => textOf(token['role'])));
  }
  return distinct([...(textsOf(fields['roles']) ?? []), textOf(fields['role'])]);
}

function distinct(texts: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(texts.filter((text) => text !== undefined))];
}

function latest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
