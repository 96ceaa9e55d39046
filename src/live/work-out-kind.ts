/** What kind of connect it is, by what is paired already. */
import { type Facts, type Kind, scopeGrants } from '../model/index.js';
import type { PairedDevice } from './pairing-store.js';

/** Whether a scope that was approved covers one that is asked for, as the gateway's release has it. */
export type CoversScope = (approved: string, asked: string) => boolean;

/** Releases up to 2026.2.19: only the very same scope. Later ones: `scopeGrants` of the model. */
export const coversLiterally: CoversScope = (approved, asked) => approved === asked;

/**
 * The first in the order key-change, role, scope, metadata that is true; undefined where a fact that it depends on is
 * unknown. Only the connect's own key, roles, scopes, platform and family are read, never its word on the kind.
 */
export function workOutKind(
  facts: Facts,
  paired: PairedDevice | undefined,
  covers: CoversScope = scopeGrants,
): Exclude<Kind, 'node-commands'> | undefined {
  if (!isPaired(paired)) return 'new-device';
  const { publicKey, roles, scopes } = facts;
  if (publicKey === undefined) return undefined;
  if (publicKey !== paired.publicKey) return 'key-change';
  if (roles === undefined) return undefined;
  if (roles.some((role) => !paired.roles.includes(role))) return 'role-upgrade';
  if (scopes === undefined) return undefined;
  const isCovered = (asked: string) => paired.scopes.some((approved) => covers(approved, asked));
  if (!scopes.every(isCovered)) return 'scope-upgrade';
  const isOther =
    differs(facts.platform, paired.platform) || differs(facts.deviceFamily, paired.deviceFamily);
  return isOther ? 'metadata-upgrade' : 'reconnect';
}

/** Whether the device itself is paired: one that is only on the list of nodes has neither key nor role. */
export function isPaired(paired: PairedDevice | undefined): paired is PairedDevice {
  return paired !== undefined && (paired.publicKey !== undefined || paired.roles.length > 0);
}

/** Only where one is pinned and one is given; case does not count. */
function differs(given: string | undefined, pinned: string | undefined): boolean {
  const [a, b] = [plain(given), plain(pinned)];
  return a !== '' && b !== '' && a !== b;
}

function plain(text = ''): string {
  return text.trim().toLowerCase();
}
