/** The decision with the value of every condition of every rule. */
import type { Circumstances, Decision } from '../model/index.js';
import type { CompiledCondition } from './compile-condition.js';
import { type CompiledRule, evaluateCondition, evaluateRule, isCurrent } from './compile-rule.js';
import type { ConditionValue, Explanation, RuleValue } from './compiled-policy.js';
import { findRoom, type LimitBook } from './limits.js';

/** Spells out what `decision` came from. */
export function explainDecision(
  rules: readonly CompiledRule[],
  decision: Decision,
  circumstances: Circumstances,
  book: LimitBook,
): Explanation {
  return { decision, rules: rules.map((rule) => explainRule(rule, circumstances, book)) };
}

function explainRule(
  compiled: CompiledRule,
  circumstances: Circumstances,
  book: LimitBook,
): RuleValue {
  const { rule, when, unless, guardsPaired } = compiled;
  const conditions = (list: readonly CompiledCondition[]) =>
    list.map((condition) => explainCondition(condition, circumstances));
  return {
    rule,
    value: evaluateRule(compiled, circumstances),
    when: conditions(when),
    unless: conditions(unless ?? []),
    current: isCurrent(rule, circumstances),
    takesPart: circumstances.facts.kind !== 'reconnect' || guardsPaired,
    room: !rule.limit || findRoom(rule, rule.limit, circumstances, book) !== undefined,
  };
}

function explainCondition(
  compiled: CompiledCondition,
  circumstances: Circumstances,
): ConditionValue {
  const value = evaluateCondition(compiled, circumstances);
  return {
    condition: compiled.condition,
    value,
    reads: compiled.reads,
    missing: value === 'unknown' ? compiled.missing(circumstances) : [],
  };
}
