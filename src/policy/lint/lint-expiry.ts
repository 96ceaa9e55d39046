import type { Policy, Rule } from '../policy.js';
import type { ProblemList } from '../problem-list.js';

/**
 * EXPIRED, DENY_EXPIRES. Warnings: a rule that has ended is a rest that misleads, and a deny that will end opens a door on
 * a day on which nobody looks. Returns the expired rules.
 */
export function lintExpiry(policy: Policy, now: number, problems: ProblemList): readonly Rule[] {
  const expired: Rule[] = [];
  for (const rule of policy.rules) {
    const { id, action, expires, expiresPlace, idPlace } = rule;
    if (expires === undefined) continue;
    const at = new Date(expires).toISOString();
    const place = expiresPlace ?? idPlace;
    if (expires <= now) {
      expired.push(rule);
      const message = `\`${id}\` expired at ${at} and matches nothing any more`;
      const hint =
        action === 'approve'
          ? 'remove the rule, or move `expires` if it is still needed'
          : `remove \`expires\` if it should still ${action}, else the rule`;
      problems.add('warning', 'EXPIRED', place, message, hint);
    } else if (action === 'deny') {
      const message = `\`${id}\` denies only until ${at}: from then on other rules may approve what it denied`;
      problems.add(
        'warning',
        'DENY_EXPIRES',
        place,
        message,
        'remove `expires` if nobody will look then',
      );
    }
  }
  return expired;
}
