/** How much of a policy its tests have seen: each rule deciding, each condition with each value. */
import {
  AUTH_METHODS,
  DAYS,
  isMatchAll,
  KINDS,
  type Place,
  ROLES,
  type Truth,
} from '../../model/index.js';
import { type Condition, coversFamily, type Rule, type SetForms } from '../../policy/index.js';
import { factsOf } from '../compile-condition.js';
import type { CompiledPolicy, ConditionValue, Explanation, RuleValue } from '../compiled-policy.js';

/** What was seen of a policy. */
export interface Coverage {
  readonly rules: readonly RuleCoverage[];
  /** What could have been seen and was not, in the order of the policy. */
  readonly missing: readonly MissingCoverage[];
  /** How many pairs were seen: of a rule that decides, and of a condition with a value. */
  readonly seen: number;
  readonly possible: number;
}

/** How often a rule decided, and came out as which value. */
export interface RuleCoverage {
  readonly rule: Rule;
  readonly decided: number;
  readonly true: number;
  readonly false: number;
  readonly unknown: number;
}

/** A rule that was not seen deciding, or a condition that was not seen with a value. */
export interface MissingCoverage {
  readonly rule: string;
  readonly condition?: { readonly part: 'when' | 'unless'; readonly key: Condition['key'] };
  readonly value: 'decided' | `${Truth}`;
  readonly place: Place;
}

const VALUES: readonly Truth[] = [true, false, 'unknown'];

/** Measures what explained decisions have seen; a rule that took no part has seen nothing. */
export function measureCoverage(
  { policy }: CompiledPolicy,
  explanations: readonly Explanation[],
): Coverage {
  const values = valuesByRule(explanations);
  const decided = new Map<string, number>();
  for (const { decision } of explanations) {
    if (decision.rule === null || decision.cause !== 'rule') continue;
    decided.set(decision.rule, (decided.get(decision.rule) ?? 0) + 1);
  }
  const rules = policy.rules.map((rule) =>
    measureRule(rule, values.get(rule) ?? [], decided.get(rule.id) ?? 0),
  );
  const pairs = rules.flatMap((one) => pairsOf(one, values.get(one.rule) ?? []));
  const missing = pairs.filter((pair) => !pair.isSeen).map(({ isSeen: _seen, ...pair }) => pair);
  return { rules, missing, seen: pairs.length - missing.length, possible: pairs.length };
}

function valuesByRule(explanations: readonly Explanation[]): Map<Rule, RuleValue[]> {
  const values = new Map<Rule, RuleValue[]>();
  for (const value of explanations.flatMap(({ rules }) => rules)) {
    if (!value.takesPart) continue;
    const list = values.get(value.rule) ?? [];
    list.push(value);
    values.set(value.rule, list);
  }
  return values;
}

function measureRule(rule: Rule, values: readonly RuleValue[], decided: number): RuleCoverage {
  const count = (truth: Truth) => values.filter(({ value }) => value === truth).length;
  return { rule, decided, true: count(true), false: count(false), unknown: count('unknown') };
}

type Pair = MissingCoverage & { readonly isSeen: boolean };

function pairsOf({ rule, decided }: RuleCoverage, values: readonly RuleValue[]): readonly Pair[] {
  const conditionPairs = (part: 'when' | 'unless') =>
    (rule[part] ?? []).flatMap((condition, i) =>
      pairsOfCondition(
        rule,
        part,
        condition,
        values.map((value) => value[part][i]),
      ),
    );
  return [
    { rule: rule.id, value: 'decided', place: rule.idPlace, isSeen: decided > 0 },
    ...conditionPairs('when'),
    ...conditionPairs('unless'),
  ];
}

function pairsOfCondition(
  rule: Rule,
  part: 'when' | 'unless',
  condition: Condition,
  values: readonly (ConditionValue | undefined)[],
): readonly Pair[] {
  const seen = new Set(values.map((value) => value?.value));
  return possibleValues(condition).map((value) => ({
    rule: rule.id,
    condition: { part, key: condition.key },
    value: `${value}` as const,
    place: condition.place,
    isSeen: seen.has(value),
  }));
}

/** The values that some connect can give a condition; none where nobody wrote it. */
function possibleValues(condition: Condition): readonly Truth[] {
  if (condition.implied) return [];
  const isConstant = factsOf(condition).length === 0;
  // A constant expression of `logic` has one value, but which one is for it to say.
  if (isConstant) return condition.key === 'logic' ? [] : [true];
  return isNeverFalse(condition) ? [true, 'unknown'] : VALUES;
}

function isNeverFalse(condition: Condition): boolean {
  switch (condition.key) {
    case 'from':
      return coversEverything(condition.sources);
    case 'kind':
      return listsAll(KINDS, condition.words);
    case 'authMethod':
      return listsAll(AUTH_METHODS, condition.words);
    case 'role':
    case 'roles':
      return isAnyRole(condition.forms);
    case 'scopes':
      return condition.forms === 'anything';
    case 'commands':
      return condition.forms === 'anything' || isAnyCommand(condition.forms);
    case 'time':
      return isAnyTime(condition.hours);
    case 'clientMode':
    case 'device':
    case 'forwarded':
    case 'logic':
      return false;
    default:
      return condition.patterns.some(isMatchAll);
  }
}

function listsAll(all: readonly string[], listed: readonly string[]): boolean {
  return all.every((word) => listed.includes(word));
}

function isAnyRole({ within, all, any, none }: SetForms): boolean {
  const bounds = [within, any].filter((form) => form !== undefined);
  return !all && !none && bounds.every((form) => listsAll(ROLES, form));
}

function isAnyCommand({ within, all, any, none }: SetForms): boolean {
  return !all && !any && !none && within?.some(isMatchAll) === true;
}

function coversEverything(sources: Extract<Condition, { key: 'from' }>['sources']): boolean {
  const networks = sources.flatMap((one) => (one.kind === 'networks' ? one.networks : []));
  return coversFamily(networks, 4) && coversFamily(networks, 6);
}

function isAnyTime({ days, between }: Extract<Condition, { key: 'time' }>['hours']): boolean {
  const wholeDay = !between || (between.from === 0 && between.to === 1440);
  return wholeDay && (!days || listsAll(DAYS, days));
}
