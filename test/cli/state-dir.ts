/** State folders of a gateway, as it writes them, for the tests of the commands on devices. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The time of the tests' clock. */
export const NOW = Date.UTC(2026, 11, 1, 9);
/** Stands in every token; no output may have it. */
export const SECRET = 'S3cretT0kenThatNobodyMaySee';

type Row = Readonly<Record<string, unknown>>;
type Rows = Readonly<Record<string, Row>>;

/** What the four files of the stores hold. */
export interface Stores {
  readonly pending?: Rows;
  readonly paired?: Rows;
  readonly nodePending?: Rows;
  readonly nodePaired?: Rows;
}

/** A public key by a number, and the device id that it has. */
export function device(n: number): { readonly deviceId: string; readonly publicKey: string } {
  const raw = createHash('sha256').update(`key ${n}`).digest();
  return {
    deviceId: createHash('sha256').update(raw).digest('hex'),
    publicKey: raw.toString('base64url'),
  };
}

/** A pending request of a device, keyed by its id. */
export function pendingRow(requestId: string, n: number, fields: Row = {}): Rows {
  const row = {
    requestId,
    ...device(n),
    displayName: `device ${n}`,
    platform: 'linux',
    clientId: 'cli',
    clientMode: 'cli',
    role: 'operator',
    roles: ['operator'],
    scopes: ['operator.read'],
    remoteIp: '192.168.1.20',
    silent: false,
    isRepair: false,
    ts: NOW - 60_000,
    ...fields,
  };
  return { [requestId]: row };
}

/** A paired device, keyed by its id. */
export function pairedRow(n: number, fields: Row = {}): Rows {
  const { deviceId, publicKey } = device(n);
  const role = String(fields['role'] ?? 'operator');
  const scopes = (fields['scopes'] ?? ['operator.read']) as readonly string[];
  const row = {
    deviceId,
    publicKey,
    displayName: `device ${n}`,
    platform: 'linux',
    clientId: 'cli',
    clientMode: 'cli',
    role,
    roles: [role],
    scopes,
    approvedScopes: scopes,
    remoteIp: '192.168.1.20',
    tokens: {
      [role]: { token: SECRET + n, role, scopes, createdAtMs: NOW - 86_400_000 },
    },
    createdAtMs: NOW - 10 * 86_400_000,
    approvedAtMs: NOW - 10 * 86_400_000,
    lastSeenAtMs: NOW - 3_600_000,
    ...fields,
  };
  return { [deviceId]: row };
}

/** Tokens of a paired device that was revoked as an operator. */
export const REVOKED = {
  operator: {
    token: SECRET,
    role: 'operator',
    scopes: ['operator.read'],
    createdAtMs: NOW - 86_400_000,
    revokedAtMs: NOW - 1_000,
  },
};

/** What a node asks for in its own store. */
export function nodePendingRow(requestId: string, n: number, fields: Row = {}): Rows {
  const row = {
    requestId,
    nodeId: device(n).deviceId,
    displayName: `node ${n}`,
    platform: 'linux',
    caps: ['system'],
    commands: ['system.run'],
    remoteIp: '192.168.1.21',
    ts: NOW - 30_000,
    ...fields,
  };
  return { [requestId]: row };
}

/** A node as the store of nodes has it. */
export function nodePairedRow(n: number, fields: Row = {}): Rows {
  const nodeId = device(n).deviceId;
  const row = {
    nodeId,
    token: SECRET,
    displayName: `node ${n}`,
    platform: 'linux',
    caps: [],
    commands: ['system.run'],
    createdAtMs: NOW - 86_400_000,
    approvedAtMs: NOW - 86_400_000,
    ...fields,
  };
  return { [nodeId]: row };
}

/** Makes a state folder that holds these. */
export function makeStateDir(stores: Stores): string {
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-state-'));
  for (const name of ['devices', 'nodes']) {
    mkdirSync(join(folder, name));
    chmodSync(join(folder, name), 0o700);
  }
  writeStore(folder, 'devices/pending.json', stores.pending ?? {});
  writeStore(folder, 'devices/paired.json', stores.paired ?? {});
  writeStore(folder, 'nodes/pending.json', stores.nodePending ?? {});
  writeStore(folder, 'nodes/paired.json', stores.nodePaired ?? {});
  return folder;
}

/** Puts a file in its place as a gateway does. */
export function writeStore(folder: string, file: string, rows: Rows): void {
  const path = join(folder, file);
  writeFileSync(`${path}.tmp`, JSON.stringify(rows, null, 2), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

/** What a file of the stores holds. */
export function readStore(folder: string, file: string): Record<string, Record<string, unknown>> {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<
    string,
    Record<string, unknown>
  >;
}
