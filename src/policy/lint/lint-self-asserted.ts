import { listWords } from '../did-you-mean.js';
import type { Condition, Policy, Rule } from '../policy.js';
import type { ProblemList } from '../problem-list.js';
import { needsDirect } from './compare-sources.js';
import { grantsNothing, namesDeviceOrUser, selfAssertedFacts } from './rule-bounds.js';

const VERIFIED =
  'use facts that a client cannot choose: `device`, `authUser`, `from`, `role`, `scopes`';

/** SELF_ASSERTED_BOUND, SELF_ASSERTED_GUARD. */
export function lintSelfAsserted(policy: Policy, problems: ProblemList): void {
  for (const rule of policy.rules) {
    if (rule.action === 'approve') lintBounds(rule, problems);
    else lintGuards(rule, problems);
    lintUnless(rule, problems);
  }
}

/**
 * An approve rule that looks narrower than it is. A warning where it gives something away; a note where it gives neither
 * scopes nor commands, or only on the gateway's own host.
 */
function lintBounds(rule: Rule, problems: ProblemList): void {
  const { when } = rule;
  const asserted = when.filter(isSelfAsserted);
  const [first] = asserted;
  if (!first || namesDeviceOrUser(rule) || when.some(isOtherBound)) return;
  const isLocal = when.some(isOwnHost);
  const severity = grantsNothing(rule) || isLocal ? 'note' : 'warning';
  const message = `${named(asserted)} in \`${rule.id}\` is what the client says of itself: whoever has such an address can say it, too`;
  const hint = 'add `device`, `authUser` or `authMethod`, or take the addresses for the only bound';
  problems.add(severity, 'SELF_ASSERTED_BOUND', first.place, message, hint);
}

/** A warning: a deny or hold that a client escapes by another word is none. */
function lintGuards(rule: Rule, problems: ProblemList): void {
  for (const condition of rule.when.filter(isSelfAsserted)) {
    const message = `${named([condition])} is what the client says of itself: one that says otherwise escapes \`${rule.id}\``;
    problems.add('warning', 'SELF_ASSERTED_GUARD', condition.place, message, VERIFIED);
  }
}

/**
 * A warning, as above. An approve rule's exemption ends with any of its conditions, so that one word is enough; that of a
 * deny or hold needs them all, so that a single fact that cannot be chosen makes it sound.
 */
function lintUnless({ id, action, unless = [] }: Rule, problems: ProblemList): void {
  const asserted = unless.filter(isSelfAsserted);
  if (action !== 'approve' && asserted.length < unless.length) return;
  const effect =
    action === 'approve' ? 'one that says otherwise is approved by' : 'one that says so escapes';
  for (const condition of asserted) {
    const message = `${named([condition])} is what the client says of itself: ${effect} \`${id}\``;
    problems.add('warning', 'SELF_ASSERTED_GUARD', condition.place, message, VERIFIED);
  }
}

function isSelfAsserted(condition: Condition): boolean {
  return selfAssertedFacts(condition).length > 0;
}

/** What bounds an approve rule besides the address. */
function isOtherBound(condition: Condition): boolean {
  if (condition.key === 'authMethod') return !condition.words.includes('none');
  return condition.key === 'logic' && !isSelfAsserted(condition);
}

function isOwnHost(condition: Condition): boolean {
  return condition.key === 'from' && needsDirect(condition.sources);
}

function named(conditions: readonly Condition[]): string {
  return listWords(conditions.flatMap(selfAssertedFacts)).replace(' or ', ' and ');
}
