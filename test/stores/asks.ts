import { createHash } from 'node:crypto';
import type { PairingAsk } from '../../src/live/index.js';

/** A device by a number: a key, and the id that is its hash. */
export function deviceNo(number: number): {
  readonly deviceId: string;
  readonly publicKey: string;
} {
  const raw = createHash('sha256').update(`device ${number}`).digest();
  return {
    deviceId: createHash('sha256').update(raw).digest('hex'),
    publicKey: raw.toString('base64url'),
  };
}

/** An operator that asks to read, or what is said otherwise. */
export function askNo(number: number, rest: Partial<PairingAsk> = {}): PairingAsk {
  const { deviceId, publicKey } = deviceNo(number);
  return {
    store: 'device',
    deviceId,
    publicKey,
    roles: ['operator'],
    scopes: ['operator.read'],
    commands: [],
    record: { clientId: 'cli', clientMode: 'cli', platform: 'linux', remoteIp: '192.0.2.7' },
    ...rest,
  };
}

/** A node, without scopes. */
export function nodeNo(number: number, rest: Partial<PairingAsk> = {}): PairingAsk {
  const record = {
    clientId: 'node-host',
    clientMode: 'node',
    platform: 'linux',
    role: 'node' as const,
  };
  return askNo(number, { roles: ['node'], scopes: [], record, ...rest });
}

/** A node that asks for commands. */
export function commandsNo(number: number, commands: readonly string[]): PairingAsk {
  return nodeNo(number, { store: 'node', roles: [], commands });
}
