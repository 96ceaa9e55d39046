import type { Policy } from '../policy.js';
import type { ProblemList } from '../problem-list.js';

/**
 * UNTESTED_RULE. A note: only running the tests tells what they cover. A test that expects an action without a rule may
 * be meant for any rule of that action, so that no more is said of those.
 */
export function lintTests(policy: Policy, problems: ProblemList): void {
  const expected = new Set<string>();
  for (const { expect } of policy.tests) {
    if (expect.rule) expected.add(`rule ${expect.rule}`);
    else if (expect.rule === undefined) expected.add(`action ${expect.action}`);
  }
  for (const { id, action, idPlace } of policy.rules) {
    if (expected.has(`rule ${id}`) || expected.has(`action ${action}`)) continue;
    const hint = `add a test with \`expect: { action: ${action}, rule: ${id} }\``;
    problems.add('note', 'UNTESTED_RULE', idPlace, `no test expects \`${id}\``, hint);
  }
}
