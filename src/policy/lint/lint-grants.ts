import { FULL_CONTROL_SCOPES } from '../../model/index.js';
import { listWords } from '../did-you-mean.js';
import type { Condition, Policy, Rule } from '../policy.js';
import type { ProblemList } from '../problem-list.js';
import { setOf } from './compare-conditions.js';
import type { Comparing } from './comparing.js';
import { findCover, indexCovers } from './find-cover.js';
import { whyNeverTrue } from './lint-never-true.js';

type Granting = Extract<Condition, { key: 'scopes' | 'commands' }>;

/** What gives away the gateway, or a node. */
const POWERS = {
  scopes: {
    members: FULL_CONTROL_SCOPES,
    hint: 'list lesser scopes in `within`, or hold connects that ask for `any` of these for a person',
  },
  commands: {
    members: ['system.run'],
    hint: 'list the commands that are needed in `within`: this one runs any program on the node',
  },
} as const;

/**
 * APPROVE_GRANTS_ADMIN, APPROVE_COMMANDS_OPEN. Warnings: full control should be given by a person. A note where the rule
 * names devices by their keys: that is a person's word already. Where the effort does not reach to find out that another
 * rule stands before, it is said all the same.
 */
export function lintGrants(policy: Policy, comparing: Comparing, problems: ProblemList): void {
  const index = indexCovers(policy.rules);
  const isGranted = (rule: Rule, condition: Granting, member: string) => {
    const asking = askingFor(rule, condition, member);
    return !whyNeverTrue(asking, comparing) && !findCover(asking, index, comparing);
  };
  for (const rule of policy.rules) {
    if (rule.action !== 'approve') continue;
    for (const condition of rule.when) {
      if (condition.key !== 'scopes' && condition.key !== 'commands') continue;
      const { members, hint } = POWERS[condition.key];
      const granted = members.filter((member) => isGranted(rule, condition, member));
      lintCommands(rule, condition, problems);
      if (granted.length === 0) continue;
      const severity = rule.when.some(({ key }) => key === 'device') ? 'note' : 'warning';
      const message = `\`${rule.id}\` can grant ${listWords(granted).replace(' or ', ' and ')}`;
      problems.add(severity, 'APPROVE_GRANTS_ADMIN', condition.place, message, hint);
    }
  }
}

function lintCommands(rule: Rule, condition: Granting, problems: ProblemList): void {
  const set = setOf(condition);
  if (condition.key !== 'commands' || !set || set.forms.within) return;
  const message = `\`commands\` of \`${rule.id}\` has no \`within\`: it approves every command that it does not rule out`;
  const hint = 'add `within`; `commands: any-commands` says it openly';
  problems.add('warning', 'APPROVE_COMMANDS_OPEN', condition.place, message, hint);
}

/** The rule for those connects only that ask for the member. */
function askingFor(rule: Rule, condition: Granting, member: string): Rule {
  const forms = setOf(condition)?.forms ?? {};
  const asking: Granting = {
    ...condition,
    forms: { ...forms, all: [...(forms.all ?? []), member] },
  };
  return { ...rule, when: rule.when.map((other) => (other === condition ? asking : other)) };
}
