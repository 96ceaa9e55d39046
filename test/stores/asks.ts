import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { PairingAsk } from '../../src/live/index.js';

/** A device by a number: a key, and the id that is its hash. */
export function deviceNo(number: number): {
  readonly deviceId: string;
  readonly publicKey: string;
} {
  const der = createPublicKey(privateKeyNo(number)).export({ type: 'spki', format: 'der' });
  const raw = der.subarray(-32);
  return {
    deviceId: createHash('sha256').update(raw).digest('hex'),
    publicKey: raw.toString('base64url'),
  };
}

/** The key with which the device of a number signs. */
export function privateKeyNo(number: number): KeyObject {
  const seed = createHash('sha256').update(`device ${number}`).digest();
  // The head of an ed25519 key in PKCS #8.
  const head = Buffer.from('302e020100300506032b657004220420', 'hex');
  return createPrivateKey({ key: Buffer.concat([head, seed]), format: 'der', type: 'pkcs8' });
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
