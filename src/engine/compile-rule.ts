/** One rule as something that can be evaluated. */
import {
  and,
  type Circumstances,
  type Decision,
  type FactName,
  not,
  type Truth,
} from '../model/index.js';
import type { Policy, Rule } from '../policy/index.js';
import { type CompiledCondition, compileCondition } from './compile-condition.js';

/** A rule's value; `error` where a condition failed and no other one made the rule false. */
export type RuleTruth = Truth | 'error';

export interface CompiledRule {
  readonly rule: Rule;
  readonly when: readonly CompiledCondition[];
  readonly unless: readonly CompiledCondition[] | undefined;
  /** What the rule decides where it decides. */
  readonly decision: Decision;
  /** Whether the rule takes part in the decision on a paired device that asks for nothing new. */
  readonly guardsPaired: boolean;
}

/** Compiles one rule of a policy. */
export function compileRule(rule: Rule, policy: Policy): CompiledRule {
  const compile = (condition: Rule['when'][number]) => compileCondition(condition, policy);
  const when = rule.when.map(compile);
  const namesKind = when.some((condition) => condition.reads.includes('kind'));
  return {
    rule,
    when,
    unless: rule.unless?.map(compile),
    decision: decisionOf(rule, policy.revision),
    guardsPaired: rule.action === 'deny' || (rule.action === 'hold' && namesKind),
  };
}

/** Frozen, because every connect that the rule decides gets the same object. */
function decisionOf(rule: Rule, revision: string): Decision {
  const { id, action } = rule;
  const verb = { approve: 'approves', hold: 'holds', deny: 'denies' }[action];
  const why = rule.reason ?? rule.description;
  const reason = `the rule \`${id}\` ${verb}${why ? `: ${why}` : ''}`;
  const missing = Object.freeze([]);
  return Object.freeze({ action, rule: id, cause: 'rule', reason, missing, revision });
}

/** `and(when) and not and(unless) and not expired`. */
export function evaluateRule(compiled: CompiledRule, circumstances: Circumstances): RuleTruth {
  const current = isCurrent(compiled.rule, circumstances);
  if (current === false) return false;
  const when = evaluateAll(compiled.when, circumstances);
  if (when === false) return false;
  const unless = compiled.unless ? evaluateAll(compiled.unless, circumstances) : false;
  if (unless === true) return false;
  if (when === 'error' || unless === 'error') return 'error';
  return and([current, when, not(unless)]);
}

/** Whether the rule has not expired; unknown while the time is. */
export function isCurrent({ expires }: Rule, { now }: Circumstances): Truth {
  if (expires === undefined) return true;
  return now === undefined ? 'unknown' : now < expires;
}

/** The value of one condition; what it throws becomes `error`, so that deciding is total. */
export function evaluateCondition(
  condition: CompiledCondition,
  circumstances: Circumstances,
): RuleTruth {
  try {
    return condition.evaluate(circumstances);
  } catch {
    return 'error';
  }
}

function evaluateAll(
  conditions: readonly CompiledCondition[],
  circumstances: Circumstances,
): RuleTruth {
  let value: RuleTruth = true;
  for (const condition of conditions) {
    const truth = evaluateCondition(condition, circumstances);
    if (truth === false) return false;
    if (truth === 'error' || (truth === 'unknown' && value !== 'error')) value = truth;
  }
  return value;
}

/** The facts whose absence makes the rule unknown. */
export function missingFacts(
  compiled: CompiledRule,
  circumstances: Circumstances,
): readonly FactName[] {
  const conditions = [...compiled.when, ...(compiled.unless ?? [])];
  const missing = conditions
    .filter((condition) => evaluateCondition(condition, circumstances) === 'unknown')
    .flatMap((condition) => condition.missing(circumstances));
  return isCurrent(compiled.rule, circumstances) === 'unknown' ? [...missing, 'now'] : missing;
}
