/** The decision: restrictiveness decides, order never does. */
import {
  type Circumstances,
  type Decision,
  type FactName,
  type LimitCharge,
  PAIRED,
} from '../model/index.js';
import type { Policy, Rule } from '../policy/index.js';
import { type CompiledRule, evaluateRule, missingFacts, type RuleTruth } from './compile-rule.js';
import { findRoom, type LimitBook } from './limits.js';

/** What is known of the rules once all that take part are evaluated. */
interface Standing {
  readonly truths: ReadonlyMap<CompiledRule, RuleTruth>;
  first(value: RuleTruth, ...actions: Rule['action'][]): CompiledRule | undefined;
  all(value: RuleTruth, ...actions: Rule['action'][]): readonly CompiledRule[];
}

type Outcome = Omit<Decision, 'revision'>;

/** Decides one connect. */
export function decide(
  rules: readonly CompiledRule[],
  policy: Policy,
  circumstances: Circumstances,
  book: LimitBook,
): Decision {
  const isPaired = circumstances.facts.kind === 'reconnect';
  const standing = evaluateRules(
    isPaired ? rules.filter((rule) => rule.guardsPaired) : rules,
    circumstances,
  );
  const outcome =
    restrict(standing) ??
    (isPaired
      ? admitPaired(standing, circumstances)
      : (approve(standing, circumstances, book) ?? fallBack(standing, policy, circumstances)));
  return { ...outcome, revision: policy.revision };
}

function evaluateRules(rules: readonly CompiledRule[], circumstances: Circumstances): Standing {
  const truths = new Map(rules.map((rule) => [rule, evaluateRule(rule, circumstances)]));
  const all: Standing['all'] = (value, ...actions) =>
    rules.filter((rule) => truths.get(rule) === value && actions.includes(rule.rule.action));
  return { truths, all, first: (value, ...actions) => all(value, ...actions)[0] };
}

/** Steps 1 to 3: a deny, a failure, a hold. */
function restrict(standing: Standing): Outcome | undefined {
  const deny = standing.first(true, 'deny');
  if (deny) return byRule(deny.rule);
  const failed = standing.first('error', 'deny', 'hold', 'approve');
  if (failed) {
    const reason = `the rule \`${failed.rule.id}\` failed to evaluate, so a person must decide`;
    return { action: 'hold', rule: failed.rule.id, cause: 'error', reason, missing: [] };
  }
  const hold = standing.first(true, 'hold');
  return hold && byRule(hold.rule);
}

/** Step 4: approve rules that are true, if nothing unknown could stand against them. */
function approve(
  standing: Standing,
  circumstances: Circumstances,
  book: LimitBook,
): Outcome | undefined {
  const approving = standing.all(true, 'approve');
  const [first] = approving;
  if (!first) return undefined;
  const doubts = standing.all('unknown', 'deny', 'hold');
  if (doubts.length > 0)
    return holdForUnknown(doubts, circumstances, `\`${first.rule.id}\` would approve`);
  for (const { rule } of approving) {
    const charge = rule.limit && findRoom(rule, rule.limit, circumstances, book);
    if (!rule.limit || charge) return { ...byRule(rule), ...(charge && withCharge(charge)) };
  }
  const reason = `the rule \`${first.rule.id}\` would approve, but its limit is spent or cannot be told`;
  return { action: 'hold', rule: first.rule.id, cause: 'limit', reason, missing: [] };
}

function withCharge(charge: LimitCharge): { readonly charge: LimitCharge } {
  return { charge };
}

/** A paired device that asks for nothing new has its pairing for an approve rule. */
function admitPaired(standing: Standing, circumstances: Circumstances): Outcome {
  const doubts = standing.all('unknown', 'deny', 'hold');
  if (doubts.length > 0) return holdForUnknown(doubts, circumstances, 'the device is paired');
  const reason = 'the device is paired and asks for nothing new';
  return { action: 'approve', rule: PAIRED, cause: 'rule', reason, missing: [] };
}

/** Step 5: no rule is true. */
function fallBack(standing: Standing, policy: Policy, circumstances: Circumstances): Outcome {
  const denies = policy.default === 'deny';
  const open = denies
    ? standing.all('unknown', 'approve', 'hold')
    : standing.all('unknown', 'approve');
  const kindIsOpen = denies && circumstances.facts.kind === undefined;
  if (open.length > 0 || kindIsOpen) {
    return holdForUnknown(open, circumstances, 'no rule is true', kindIsOpen ? ['kind'] : []);
  }
  const reason = denies ? 'no rule matches, and the default is to deny' : 'no rule matches';
  return { action: policy.default, rule: null, cause: 'default', reason, missing: [] };
}

function byRule(rule: Rule): Outcome {
  const verb = { approve: 'approves', hold: 'holds', deny: 'denies' }[rule.action];
  const why = rule.reason ?? rule.description;
  const reason = why
    ? `the rule \`${rule.id}\` ${verb}: ${why}`
    : `the rule \`${rule.id}\` ${verb}`;
  return { action: rule.action, rule: rule.id, cause: 'rule', reason, missing: [] };
}

function holdForUnknown(
  doubts: readonly CompiledRule[],
  circumstances: Circumstances,
  standing: string,
  also: readonly FactName[] = [],
): Outcome {
  const facts = [...doubts.flatMap((rule) => missingFacts(rule, circumstances)), ...also];
  const missing = [...new Set(facts)].sort();
  const named = missing.map((fact) => `\`${fact}\``).join(', ');
  const ids = doubts.slice(0, 3).map(({ rule }) => `\`${rule.id}\``);
  const more = doubts.length > 3 ? ` and ${doubts.length - 3} more` : '';
  const onRules =
    ids.length > 0
      ? `, on which ${ids.join(', ')}${more} depend${doubts.length === 1 ? 's' : ''}`
      : '';
  const reason = `${standing}, but not known: ${named}${onRules}`;
  return { action: 'hold', rule: null, cause: 'unknown-fact', reason, missing };
}
