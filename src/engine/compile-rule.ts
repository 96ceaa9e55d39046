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

/** A rule that can be evaluated. What few connects need of it is made when the first one needs it. */
export class CompiledRule {
  readonly rule: Rule;
  /** Its place among the rules of the policy, the most restrictive first. */
  readonly order: number;
  readonly when: readonly CompiledCondition[];
  readonly unless: readonly CompiledCondition[] | undefined;
  /** Whether the rule takes part in the decision on a paired device that asks for nothing new. */
  readonly guardsPaired: boolean;
  readonly #revision: string;
  #decision: Decision | undefined;
  #reads: number | undefined;

  constructor(rule: Rule, policy: Policy, order: number) {
    const compile = (condition: Rule['when'][number]) => compileCondition(condition, policy);
    this.rule = rule;
    this.order = order;
    this.when = rule.when.map(compile);
    this.unless = rule.unless?.map(compile);
    this.guardsPaired =
      rule.action === 'deny' ||
      (rule.action === 'hold' && this.when.some(({ reads }) => reads.includes('kind')));
    this.#revision = policy.revision;
  }

  /** What the rule decides where it decides. */
  get decision(): Decision {
    this.#decision ??= decisionOf(this.rule, this.#revision);
    return this.#decision;
  }

  /** The facts whose absence may make the rule unknown, as the bits of `factBit`. */
  get reads(): number {
    this.#reads ??= readsOf(this);
    return this.#reads;
  }
}

/** Written without a list for each rule: the first connect that leaves all of them open asks it of all. */
function readsOf({ rule, when, unless = [] }: CompiledRule): number {
  let bits = rule.expires === undefined ? 0 : factBit('now');
  for (const { reads } of when) for (const fact of reads) bits |= factBit(fact);
  for (const { reads } of unless) for (const fact of reads) bits |= factBit(fact);
  return bits;
}

const FACT_BITS = new Map<FactName, number>();

/** A bit for each fact: there are fewer facts than bits in a word. */
export function factBit(fact: FactName): number {
  const bit = FACT_BITS.get(fact) ?? 1 << FACT_BITS.size;
  FACT_BITS.set(fact, bit);
  return bit;
}

/** Compiles one rule of a policy. */
export function compileRule(rule: Rule, policy: Policy, order = 0): CompiledRule {
  return new CompiledRule(rule, policy, order);
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
  return evaluateRest(compiled, compiled.when, true, circumstances);
}

/** The same, where of `when` only the `rest` has to be evaluated: the other conditions are `known`. */
export function evaluateRest(
  { rule, unless: exceptions }: CompiledRule,
  rest: readonly CompiledCondition[],
  known: true | 'unknown',
  circumstances: Circumstances,
): RuleTruth {
  const current = isCurrent(rule, circumstances);
  if (current === false) return false;
  const when = evaluateAll(rest, circumstances);
  if (when === false) return false;
  const unless = exceptions ? evaluateAll(exceptions, circumstances) : false;
  const value = combineParts(current, when, unless);
  return value === true ? known : value;
}

/** What a rule comes out as, given its parts; a rule without `unless` has it false. */
export function combineParts(current: Truth, when: RuleTruth, unless: RuleTruth): RuleTruth {
  if (current === false || when === false || unless === true) return false;
  if (when === 'error' || unless === 'error') return 'error';
  if (current === true && unless === false) return when;
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
