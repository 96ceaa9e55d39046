/** What stands behind a rule: facts that a client cannot choose, and those that it says of itself. */
import { isMatchAll } from '../../model/index.js';
import { factsOfLogic } from '../check-logic.js';
import type { Condition, Policy, Rule } from '../policy.js';

const SELF_ASSERTED = [
  'clientId',
  'clientMode',
  'platform',
  'deviceFamily',
  'displayName',
  'browserOrigin',
];

/** The facts that a condition reads and that are whatever the client says. */
export function selfAssertedFacts(condition: Condition): readonly string[] {
  if (condition.key !== 'logic') return SELF_ASSERTED.filter((fact) => fact === condition.key);
  const read: readonly string[] = factsOfLogic(condition.expression);
  return [...SELF_ASSERTED, 'clientVersion'].filter((fact) => read.includes(fact));
}

/** Whether the rule names devices by their keys, or people by a verified login. */
export function namesDeviceOrUser({ when }: Rule): boolean {
  return when.some(
    (condition) =>
      condition.key === 'device' ||
      (condition.key === 'authUser' && !condition.patterns.some(isMatchAll)),
  );
}

/** The `from` of each approve rule that is bounded by addresses, and by no device or verified login. */
export function* addressBounds(
  policy: Policy,
): Generator<readonly [Rule, Extract<Condition, { key: 'from' }>]> {
  for (const rule of policy.rules) {
    if (rule.action !== 'approve' || namesDeviceOrUser(rule)) continue;
    for (const condition of rule.when) if (condition.key === 'from') yield [rule, condition];
  }
}

/** Whether what the rule approves gets neither scopes nor commands. */
export function grantsNothing({ when }: Rule): boolean {
  return ['scopes', 'commands'].every((key) =>
    when.some(
      (condition) =>
        condition.key === key &&
        'forms' in condition &&
        condition.forms !== 'anything' &&
        condition.forms.within?.length === 0,
    ),
  );
}
