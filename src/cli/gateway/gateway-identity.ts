/** Our own device, for gateways that give a shared token no authority. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../live/index.js';
import { PairPolicyError, startOf } from '../../model/index.js';
import type { GatewayIdentity } from '../../openclaw/index.js';

/** Reads the identity in our folder, or makes one there. A file that is none is left alone, and told. */
export async function readIdentity(dataDir: string): Promise<GatewayIdentity> {
  const path = join(dataDir, 'identity.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unusable(path, `cannot be read: ${error.code}`);
  });
  if (text === undefined) return await makeIdentity(dataDir, path);
  const { deviceId, publicKeyPem, privateKeyPem } = parse(path, text);
  if (![deviceId, publicKeyPem, privateKeyPem].every((part) => typeof part === 'string')) {
    throw unusable(path, 'it lacks a key');
  }
  return { deviceId, publicKeyPem, privateKeyPem } as GatewayIdentity;
}

async function makeIdentity(dataDir: string, path: string): Promise<GatewayIdentity> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const identity: GatewayIdentity = {
    deviceId: createHash('sha256').update(raw).digest('hex'),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeDurably(path, `${JSON.stringify(identity, null, 2)}\n`, 0o600, () => true);
  return identity;
}

function parse(path: string, text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(text) as object) };
  } catch {
    // V8's message would quote the key.
    throw unusable(path, 'it is no JSON');
  }
}

function unusable(path: string, why: string): PairPolicyError {
  return new PairPolicyError([
    {
      ...startOf(path),
      severity: 'error',
      code: 'STORE_UNREADABLE',
      message: `this is not our identity: ${why}`,
      hint: 'move it away; the device that is made anew must be approved again',
    },
  ]);
}
