/** The decision with the value of every condition of every rule. */
import type { Circumstances, Decision } from '../model/index.js';
import type { CompiledCondition } from './compile-condition.js';
import {
  type CompiledRule,
  combineParts,
  evaluateCondition,
  isCurrent,
  type RuleTruth,
} from './compile-rule.js';
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
  const { rule, guardsPaired } = compiled;
  const explain = (one: CompiledCondition) => explainCondition(one, circumstances);
  const when = compiled.when.map(explain);
  const unless = compiled.unless?.map(explain) ?? [];
  const current = isCurrent(rule, circumstances);
  return {
    rule,
    value: combineParts(current, allOf(when), unless.length > 0 && allOf(unless)),
    when,
    unless,
    current,
    takesPart: circumstances.facts.kind !== 'reconnect' || guardsPaired,
    room: !rule.limit || findRoom(rule, rule.limit, circumstances, book) !== undefined,
  };
}

/** The conditions taken together: one that is false comes before one that failed. */
function allOf(conditions: readonly ConditionValue[]): RuleTruth {
  let all: RuleTruth = true;
  for (const { value } of conditions) {
    if (value === false) return false;
    if (value === 'error' || (value === 'unknown' && all !== 'error')) all = value;
  }
  return all;
}

function explainCondition(
  compiled: CompiledCondition,
  circumstances: Circumstances,
): ConditionValue {
  const value = evaluateCondition(compiled, circumstances);
  if (value === true || value === false) return compiled.explained(value);
  const { condition, reads } = compiled;
  const missing = value === 'unknown' ? compiled.missing(circumstances) : [];
  return { condition, value, reads, missing };
}
