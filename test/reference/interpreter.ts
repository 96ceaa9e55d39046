import { evaluateConditions, evaluateUnless } from './conditions.js';
import { and, type Truth } from './kleene.js';
import { hasRoom } from './limits.js';
import { type Facts, normalise } from './normalise.js';
import type {
  PlainAction,
  PlainConditions,
  PlainContext,
  PlainPolicy,
  PlainRule,
} from './plain-policy.js';
import { parseTime } from './time.js';

export type { PlainContext, PlainPolicy } from './plain-policy.js';

/** What the reference interpreter decides. The cause `error` never comes from it: nothing in the language can throw. */
export interface ReferenceDecision {
  action: PlainAction;
  rule: string | null;
  cause: 'rule' | 'default' | 'unknown-fact' | 'limit' | 'error';
  missing?: string[];
}

/** A rule and what it is worth for this connect. */
interface EvaluatedRule {
  rule: PlainRule;
  truth: Truth;
}

/** Stands for the pairing that a device has already, where it asks for nothing new. */
const PAIRED: PlainRule = { id: '(paired)', action: 'approve', when: {} };

/** Decides one connect by a valid policy, rule by rule, as sections 3 to 5 of the design say it. */
export function referenceDecide(
  policy: PlainPolicy,
  record: unknown,
  context: PlainContext,
): ReferenceDecision {
  const facts = normalise(record, context);
  const rules = rulesThatTakePart(policy, facts);
  const denies = rules.filter(({ rule }) => rule.action === 'deny');
  const holds = rules.filter(({ rule }) => rule.action === 'hold');
  const approves = rules.filter(({ rule }) => rule.action === 'approve');

  const deny = denies.find(isTrue);
  if (deny !== undefined) return { action: 'deny', rule: deny.rule.id, cause: 'rule' };

  // Step 2, a rule that failed to evaluate, has nothing to do here: evaluating is total.

  const hold = holds.find(isTrue);
  if (hold !== undefined) return { action: 'hold', rule: hold.rule.id, cause: 'rule' };

  const trueApproves = approves.filter(isTrue);
  if (trueApproves.length > 0) {
    if ([...denies, ...holds].some(isUnknown))
      return { action: 'hold', rule: null, cause: 'unknown-fact' };
    return approveWithinLimits(trueApproves, facts, context);
  }

  if ((policy.default ?? 'hold') === 'hold') {
    return {
      action: 'hold',
      rule: null,
      cause: approves.some(isUnknown) ? 'unknown-fact' : 'default',
    };
  }
  if ([...approves, ...holds].some(isUnknown) || facts.kind === undefined) {
    return { action: 'hold', rule: null, cause: 'unknown-fact' };
  }
  return { action: 'deny', rule: null, cause: 'default' };
}

function approveWithinLimits(
  trueApproves: EvaluatedRule[],
  facts: Facts,
  context: PlainContext,
): ReferenceDecision {
  const withRoom = trueApproves.find(({ rule }) => hasRoom(rule, facts, context.limits ?? {}));
  if (withRoom !== undefined) return { action: 'approve', rule: withRoom.rule.id, cause: 'rule' };
  return { action: 'hold', rule: trueApproves[0]?.rule.id ?? null, cause: 'limit' };
}

/** All rules; for a paired device that asks for nothing new its pairing, the deny rules, and the hold rules that name `kind`. */
function rulesThatTakePart(policy: PlainPolicy, facts: Facts): EvaluatedRule[] {
  const evaluated = (policy.rules ?? []).map((rule) => ({
    rule,
    truth: evaluateRule(rule, facts, policy),
  }));
  if (facts.kind !== 'reconnect') return evaluated;
  const restricting = evaluated.filter(
    ({ rule }) => rule.action === 'deny' || (rule.action === 'hold' && namesKind(rule.when)),
  );
  return [...restricting, { rule: PAIRED, truth: true }];
}

/** `and(when) and not and(unless)`, and not yet expired. */
function evaluateRule(rule: PlainRule, facts: Facts, policy: PlainPolicy): Truth {
  return and([
    ...evaluateConditions(effectiveWhen(rule), facts, policy),
    ...(rule.unless === undefined ? [] : [evaluateUnless(rule.unless, facts, policy)]),
    ...(rule.expires === undefined ? [] : [isBefore(rule.expires, facts.now)]),
  ]);
}

/** An approve rule that says nothing of commands approves none. */
function effectiveWhen(rule: PlainRule): PlainConditions {
  const isSilent = rule.action === 'approve' && !Object.hasOwn(rule.when, 'commands');
  return isSilent ? { ...rule.when, commands: { within: [] } } : rule.when;
}

function isBefore(expires: string | number, now: number | undefined): Truth {
  const end = typeof expires === 'number' ? expires : parseTime(expires);
  if (end === undefined) throw new Error(`not a valid policy: ${expires} is no time`);
  return now === undefined ? 'unknown' : now < end;
}

function isTrue({ truth }: EvaluatedRule): boolean {
  return truth === true;
}

function isUnknown({ truth }: EvaluatedRule): boolean {
  return truth === 'unknown';
}

/** Whether conditions name `kind`, by its key or in a logic expression that reads it. */
function namesKind(when: PlainRule['when']): boolean {
  return (
    Object.hasOwn(when, 'kind') || JSON.stringify(when.logic ?? null).includes('{"var":"kind"}')
  );
}
