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

const GRANTED_BY: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'operator.write',
    ['operator.read', 'operator.talk', 'operator.sessions.read', 'operator.sessions.write'],
  ],
  ['operator.read', ['operator.sessions.read']],
  ['operator.sessions.write', ['operator.sessions.read']],
]);

/**
 * Whether holding `scope` includes holding `other`: `operator.admin` grants every `operator.*`,
 * write and read grant the lesser ones, any other scope grants only itself.
 */
export function scopeGrants(scope: string, other: string): boolean {
  if (scope === other) return true;
  if (scope === 'operator.admin') return other.startsWith('operator.');
  return GRANTED_BY.get(scope)?.includes(other) ?? false;
}
