import type { Condition, Policy, Rule } from '../policy.js';
import type { ProblemList } from '../problem-list.js';
import type { Comparing } from './comparing.js';
import { findCover, indexCovers } from './find-cover.js';

/**
 * NEVER_DECIDES. A warning: whoever wrote the rule thinks that it does something. Rules of the same action are not held
 * against each other, because which of them is named changes no decision. Nothing is said of the silent ones.
 */
export function lintNeverDecides(
  policy: Policy,
  silent: ReadonlySet<Rule>,
  comparing: Comparing,
  problems: ProblemList,
): void {
  const index = indexCovers(policy.rules);
  for (const rule of policy.rules) {
    if (rule.action === 'deny' || silent.has(rule) || mayFail(rule)) continue;
    const add = (message: string, hint: string) =>
      problems.add('warning', 'NEVER_DECIDES', rule.idPlace, message, hint);
    if (rule.action === 'approve' && rule.when.some(isOnReconnectOnly)) {
      add(
        `\`${rule.id}\` never decides: a paired device that asks for nothing new needs no approve rule`,
        'remove the rule; a deny, or a hold that names `kind`, is what stops such a device',
      );
      continue;
    }
    const cover = findCover(rule, index, comparing);
    if (!cover) continue;
    add(
      `\`${rule.id}\` never decides: whatever it matches, the ${cover.action} rule \`${cover.id}\` matches as well`,
      `narrow \`${cover.id}\`, for example with \`unless\`, or remove this rule`,
    );
  }
}

/** A rule that fails to evaluate is named for that, also where another one would have decided. */
function mayFail({ when, unless = [] }: Rule): boolean {
  return [...when, ...unless].some((condition) => condition.key === 'logic');
}

function isOnReconnectOnly(condition: Condition): boolean {
  return condition.key === 'kind' && condition.words.every((word) => word === 'reconnect');
}
