/** Which more restrictive rule, if any, is true wherever another one is. */
import type { Action } from '../../model/index.js';
import type { Condition, Rule } from '../policy.js';
import { excludesCondition, impliesCondition, isSameCondition } from './compare-conditions.js';
import { holdsAnywhere, needsDirect } from './compare-sources.js';
import type { Comparing } from './comparing.js';

const RESTRICTION: Readonly<Record<Action, number>> = { approve: 0, hold: 1, deny: 2 };

/** Rules that have the same facts in their `when`. */
interface Group {
  readonly facts: readonly string[];
  readonly rules: Rule[];
}

/** The deny and hold rules by their facts: a rule can be covered only by one that reads no more than it does. */
export type CoverIndex = readonly Group[];

/** Sorts the deny and hold rules among the given ones. */
export function indexCovers(rules: readonly Rule[]): CoverIndex {
  const groups = new Map<string, Group>();
  for (const rule of rules) {
    if (rule.action === 'approve') continue;
    const facts = [...new Set(rule.when.flatMap((condition) => needs(condition)))].sort();
    const group = groups.get(facts.join()) ?? { facts, rules: [] };
    group.rules.push(rule);
    groups.set(facts.join(), group);
  }
  return [...groups.values()];
}

/** The first rule found that covers the given one. */
export function findCover(rule: Rule, index: CoverIndex, comparing: Comparing): Rule | undefined {
  const facts = new Set(rule.when.flatMap(offers));
  for (const group of index) {
    if (!group.facts.every((fact) => facts.has(fact))) continue;
    for (const other of group.rules) {
      if (comparing.effort.isSpent) return undefined;
      if (covers(other, rule, comparing)) return other;
    }
  }
  return undefined;
}

function covers(other: Rule, rule: Rule, comparing: Comparing): boolean {
  return (
    RESTRICTION[other.action] > RESTRICTION[rule.action] &&
    (other.expires === undefined ||
      (rule.expires !== undefined && rule.expires <= other.expires)) &&
    other.when.every((condition) => impliesCondition(rule.when, condition, comparing)) &&
    (!other.unless || isOutside(other.unless, rule, comparing))
  );
}

/** Whether the `unless` of another rule is false wherever the rule is true. */
function isOutside(unless: readonly Condition[], rule: Rule, comparing: Comparing): boolean {
  if (unless.some((condition) => excludesCondition(rule.when, condition, comparing))) return true;
  // Where the rule is true, one of its own exemptions is false: then so must be one of the other's.
  const isFalseWith = (own: Condition) =>
    unless.some(
      (condition) =>
        isSameCondition(own, condition) ||
        // Only where both read one and the same fact does "not true" mean "false".
        (readsOneFact(condition) && impliesCondition([condition], own, comparing)),
    );
  return rule.unless?.every(isFalseWith) ?? false;
}

function readsOneFact({ key }: Condition): boolean {
  return key !== 'from' && key !== 'device' && key !== 'logic';
}

/** The facts that must be in a rule's `when` for it to imply the condition; `role` and `roles` are one. */
function needs(condition: Condition): readonly string[] {
  if (condition.key === 'from' && holdsAnywhere(condition.sources)) return [];
  return [condition.key === 'role' ? 'roles' : condition.key];
}

/** The facts that a condition tells of: some sources hold only for what was not forwarded. */
function offers(condition: Condition): readonly string[] {
  const isDirect = condition.key === 'from' && needsDirect(condition.sources);
  return isDirect ? ['from', 'forwarded'] : [condition.key === 'role' ? 'roles' : condition.key];
}
