/** What kind of connect a pending request of a gateway is. */
import type { PairedDevice } from '../live/index.js';
import { type ConnectRecord, type Kind, normaliseRecord, scopeGrants } from '../model/index.js';
import { isAtLeast } from './gateway-hello.js';

/**
 * By what is asked against what is paired, as the release compares them; null where the two do not fit. A request
 * that asks for nothing new is no reconnect: whatever it waits for, no pairing has been enough for it.
 */
export function workOutGatewayKind(
  record: ConnectRecord,
  paired: PairedDevice | undefined,
  version: string | undefined,
): Kind | null {
  if (record.isRepair === false && !paired) return 'new-device';
  if (!paired || record.isRepair === false) return null;
  if (record.publicKey !== paired.publicKey) return 'key-change';
  const { roles, scopes } = normaliseRecord(record);
  if (!roles || !scopes) return null;
  if (roles.some((role) => !paired.roles.includes(role))) return 'role-upgrade';
  const isCovered = isAtLeast(version, '2026.3.31') === true ? scopeGrants : isSame;
  const isUpgrade = scopes.some((scope) => !paired.scopes.some((held) => isCovered(held, scope)));
  if (isUpgrade) return 'scope-upgrade';
  const isOther = (['platform', 'deviceFamily'] as const).some(
    (name) => fold(record[name]) !== fold(paired[name]),
  );
  return isOther ? 'metadata-upgrade' : null;
}

function isSame(a: string, b: string): boolean {
  return a === b;
}

function fold(text: string | undefined): string {
  return (text ?? '').toLowerCase();
}
