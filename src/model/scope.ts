/** The operator scopes that OpenClaw releases up to 2026.9.6 know; others are exact matches only. */
export const KNOWN_SCOPES: readonly string[] = [
  'operator.admin',
  'operator.read',
  'operator.write',
  'operator.approvals',
  'operator.pairing',
  'operator.questions',
  'operator.talk',
  'operator.talk.secrets',
  'operator.sessions.read',
  'operator.sessions.write',
];

/** The scopes that let a device do everything, or let others in. */
export const FULL_CONTROL_SCOPES: readonly string[] = ['operator.admin', 'operator.pairing'];

/** What a scope grants directly; `operator.admin` grants every `operator.*` besides. */
const GRANTS: Readonly<Record<string, readonly string[]>> = {
  'operator.write': ['operator.read', 'operator.talk', 'operator.sessions.write'],
  'operator.read': ['operator.sessions.read'],
  'operator.sessions.write': ['operator.sessions.read'],
};

/** The same with what the granted ones grant in turn. */
const GRANTED_BY: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.keys(GRANTS).map((scope) => [scope, grantedBy(scope)]),
);

function grantedBy(scope: string): ReadonlySet<string> {
  const direct = GRANTS[scope] ?? [];
  return new Set([...direct, ...direct.flatMap((other) => [...grantedBy(other)])]);
}

/**
 * Whether holding `scope` includes holding `other`: `operator.admin` grants every `operator.*`,
 * write and read grant the lesser ones, any other scope grants only itself.
 */
export function scopeGrants(scope: string, other: string): boolean {
  if (scope === other) return true;
  if (scope === 'operator.admin') return other.startsWith('operator.');
  return GRANTED_BY.get(scope)?.has(other) ?? false;
}
