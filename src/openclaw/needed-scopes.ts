/** The authority that approving a request takes. */
import type { PendingRequest } from '../live/index.js';
import { type Facts, scopeGrants } from '../model/index.js';
import { isAtLeast } from './gateway-hello.js';

/**
 * Those of the needed scopes that are not held. Releases up to 2026.2.19 would approve without: but nobody may give
 * away what they do not have themselves.
 */
export function lackingScopes(
  { record, store }: PendingRequest,
  { roles = [], scopes = [] }: Pick<Facts, 'roles' | 'scopes'>,
  held: ReadonlySet<string>,
  version: string | undefined,
): readonly string[] {
  const isNewer = isAtLeast(version, '2026.6.1') !== false;
  const byRole = store === 'device' && isNewer && roles.some((role) => role !== 'operator');
  const asked = scopes.filter((scope) => scope.startsWith('operator.'));
  const required = store === 'node' ? (record['requiredApproveScopes'] ?? []) : [];
  const needed = [
    'operator.pairing',
    ...(byRole ? ['operator.admin'] : []),
    ...asked,
    ...(Array.isArray(required) ? required.filter((scope) => typeof scope === 'string') : []),
  ];
  const isHeld = (scope: string) => [...held].some((one) => scopeGrants(one, scope));
  return [...new Set(needed)].filter((scope) => !isHeld(scope));
}
