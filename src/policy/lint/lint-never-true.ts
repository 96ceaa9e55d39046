import type { Condition, Policy, Rule } from '../policy.js';
import type { ProblemList } from '../problem-list.js';
import {
  excludesCondition,
  isNeverFalse,
  lacksVerifiedLogin,
  setOf,
} from './compare-conditions.js';
import { isOnRoles, possibleRoles } from './compare-roles.js';
import { isImpossible } from './compare-sets.js';
import type { Comparing } from './comparing.js';

/**
 * NEVER_TRUE. A warning: a rule that can match nothing is mostly a slip, and where it should deny, the slip leaves a door
 * open. Returns the rules.
 */
export function lintNeverTrue(
  policy: Policy,
  comparing: Comparing,
  problems: ProblemList,
): readonly Rule[] {
  return policy.rules.filter((rule) => {
    const why = whyNeverTrue(rule, comparing);
    if (!why) return false;
    const message = `\`${rule.id}\` can never match: ${why}`;
    const hint = 'mend the condition, or remove the rule';
    problems.add('warning', 'NEVER_TRUE', rule.idPlace, message, hint);
    return true;
  });
}

/** Why no connect can match a rule, or undefined where one may. */
export function whyNeverTrue({ when, unless }: Rule, comparing: Comparing): string | undefined {
  for (const condition of when) {
    if (contradictsItself(condition, comparing))
      return `what \`${condition.key}\` asks for contradicts itself`;
    const others = when.filter((other) => other !== condition);
    if (excludesCondition(others, condition, comparing))
      return `no connect satisfies \`${condition.key}\` together with the other conditions`;
  }
  if (lacksVerifiedLogin(when) && when.some((condition) => condition.key === 'authUser'))
    return '`authUser` is known only where `authMethod` is `tailscale` or `trusted-proxy`';
  if (unless?.every((condition) => isNeverFalse(condition, when, comparing)))
    return '`unless` exempts every connect that satisfies `when`';
  return undefined;
}

function contradictsItself(condition: Condition, { effort }: Comparing): boolean {
  if (isOnRoles(condition)) return possibleRoles([condition]).length === 0;
  const set = setOf(condition);
  return set !== undefined && isImpossible(set.algebra, [set.forms], effort);
}
