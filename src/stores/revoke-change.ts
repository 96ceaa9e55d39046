/** Taking back what a device was granted. */
import { askOfRow } from './ask.js';
import { approvedRoles, approvedScopes, scopesOfRoles, usableRoles } from './grants.js';
import { isRow, textOf } from './row-fields.js';
import { unknownDevice } from './store-errors.js';
import { type Change, canonicalId, type Edit, type Row, type Tables } from './tables.js';

/** Takes back a device's pairing, or one of its roles. */
export function revokeChange(given: string, role?: string): Change<void> {
  return (tables) => {
    const deviceId = canonicalId(given);
    const device = tables.row('devices/paired', deviceId);
    const node = tables.row('nodes/paired', deviceId);
    const isThere =
      role === undefined
        ? device !== undefined || node !== undefined
        : device !== undefined && hasRole(device, role);
    if (!isThere) throw unknownDevice(given, role);
    const edits: Edit[] = [];
    if (device) edits.push({ table: 'devices/paired', key: deviceId, row: without(device, role) });
    // A node's surface goes with the role, or with the last of them.
    const isSurfaceGone = role === undefined || role === 'node' || edits[0]?.row === undefined;
    if (node && isSurfaceGone) edits.push({ table: 'nodes/paired', key: deviceId, row: undefined });
    return { edits: [...edits, ...requestsOf(tables, deviceId, role)], result: undefined };
  };
}

function hasRole(row: Row, role: string): boolean {
  const tokens: unknown = row['tokens'];
  return approvedRoles(row).includes(role) || (isRow(tokens) && Object.hasOwn(tokens, role));
}

/**
 * A paired row without a role, or without all; undefined where no usable one is left. Only those that are usable stay: one that lacked a
 * token would be usable again once the last token is gone.
 */
export function without(row: Row, role: string | undefined): Row | undefined {
  const roles = usableRoles(row).filter((one) => one !== role);
  if (role === undefined || roles.length === 0) return undefined;
  const tokens: unknown = row['tokens'];
  const last = textOf(row, 'role');
  const scopes = scopesOfRoles(approvedScopes(row), roles);
  return {
    ...row,
    role: last !== undefined && roles.includes(last) ? last : roles[0],
    roles,
    scopes,
    ...(row['approvedScopes'] !== undefined && { approvedScopes: scopes }),
    ...(isRow(tokens) && {
      tokens: Object.fromEntries(Object.entries(tokens).filter(([name]) => name !== role)),
    }),
  };
}

function requestsOf(tables: Tables, deviceId: string, role: string | undefined): readonly Edit[] {
  return [...tables.requestsOf(deviceId)]
    .filter(({ table, row }) => {
      const isNode = table === 'nodes/pending';
      return (
        role === undefined ||
        (isNode ? role === 'node' : askOfRow(table, deviceId, row).roles.includes(role))
      );
    })
    .map(({ table, requestId }) => ({ table, key: requestId, row: undefined }));
}
