/** What a paired row grants: its roles, scopes and tokens, by the strictest of the releases' rules. */
import { isRow, numberOf, textOf, textsOf, union } from './row-fields.js';
import type { Row } from './tables.js';

/** The roles that were approved, usable or not. */
export function approvedRoles(row: Row): readonly string[] {
  const role = textOf(row, 'role');
  return union(textsOf(row, 'roles') ?? [], role === undefined ? [] : [role]);
}

/**
 * The roles that can be used: approved, and with a token that is not revoked. A row without any token was written by
 * hand or by a script, or by 2026.1.30 and 2026.2.19, which let it in: its roles are usable.
 */
export function usableRoles(row: Row): readonly string[] {
  const roles = approvedRoles(row);
  const tokens: unknown = row['tokens'];
  if (tokens === undefined || tokens === null) return roles;
  if (!isRow(tokens)) return [];
  if (Object.keys(tokens).length === 0) return roles;
  return roles.filter((role) => usableToken(row, role) !== undefined);
}

/** The row of a role's token where it is there and not revoked. */
export function usableToken(row: Row, role: string): Row | undefined {
  const entry = tokenRow(row, role);
  if (!entry || typeof entry['token'] !== 'string' || entry['token'] === '') return undefined;
  // Whatever stands there, somebody meant to revoke it.
  return entry['revokedAtMs'] === undefined || entry['revokedAtMs'] === null ? entry : undefined;
}

/** The row of a role's token, revoked or not. */
export function tokenRow(row: Row, role: string): Row | undefined {
  const tokens: unknown = row['tokens'];
  // A role named like a member of every object is none.
  if (!isRow(tokens) || !Object.hasOwn(tokens, role)) return undefined;
  const entry = tokens[role];
  return isRow(entry) ? entry : undefined;
}

/** The scopes that were approved; none where the field has a wrong form. */
export function approvedScopes(row: Row): readonly string[] {
  const field = row['approvedScopes'] === undefined ? 'scopes' : 'approvedScopes';
  return union(textsOf(row, field) ?? []);
}

/**
 * The approved scopes that belong to roles which can be used. What belonged to a role that was revoked must not come
 * back with the next, smaller approval of it.
 */
export function usableScopes(row: Row): readonly string[] {
  return scopesOfRoles(approvedScopes(row), usableRoles(row));
}

/** The scopes of some roles: those that begin with the role's name. What begins with no role's is anyone's. */
export function scopesOfRoles(
  scopes: readonly string[],
  roles: readonly string[],
): readonly string[] {
  return scopes.filter((scope) => {
    const role = /^(operator|node)[.]/.exec(scope)?.[1];
    return role === undefined ? roles.length > 0 : roles.includes(role);
  });
}

/** When a device was last seen or last used a token. */
export function lastSeen(device: Row | undefined, node: Row | undefined): number | undefined {
  const tokens: unknown = device?.['tokens'];
  const times = [
    numberOf(device, 'lastSeenAtMs'),
    numberOf(node, 'lastSeenAtMs'),
    numberOf(node, 'lastConnectedAtMs'),
    ...(isRow(tokens) ? Object.values(tokens) : []).map((entry) =>
      isRow(entry) ? numberOf(entry, 'lastUsedAtMs') : undefined,
    ),
  ].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
}
