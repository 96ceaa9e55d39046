/** The closed and the known word lists of the connect record, as OpenClaw spells them. */

/** What a decision can do: let the device in, leave the request for a person, or refuse. */
export const ACTIONS = ['approve', 'hold', 'deny'] as const;
export type Action = (typeof ACTIONS)[number];

/** Why a decision came out as it did. */
export const CAUSES = ['rule', 'default', 'unknown-fact', 'limit', 'error'] as const;
export type Cause = (typeof CAUSES)[number];

/** The roles a device can ask for; any other word makes the fact unknown. */
export const ROLES = ['operator', 'node'] as const;
export type Role = (typeof ROLES)[number];

/** What kind of connect it is, relative to what is paired already. */
export const KINDS = [
  'new-device',
  'key-change',
  'role-upgrade',
  'scope-upgrade',
  'metadata-upgrade',
  'reconnect',
  'node-commands',
] as const;
export type Kind = (typeof KINDS)[number];

/** How the gateway authenticated the connect before pairing was looked at. */
export const AUTH_METHODS = [
  'token',
  'password',
  'tailscale',
  'trusted-proxy',
  'device-token',
  'bootstrap-token',
  'none',
] as const;
export type AuthMethod = (typeof AUTH_METHODS)[number];

/** The client modes that OpenClaw releases up to 2026.9.6 send; the list is open. */
export const CLIENT_MODES = [
  'webchat',
  'cli',
  'ui',
  'backend',
  'node',
  'probe',
  'test',
  'worker',
] as const;

/** Weekdays as the policy language spells them; the index is that of `Date.getUTCDay`. */
export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Day = (typeof DAYS)[number];

/** Whether `word` is one of a closed list. */
export function isOneOf<T extends string>(list: readonly T[], word: unknown): word is T {
  return typeof word === 'string' && (list as readonly string[]).includes(word);
}
