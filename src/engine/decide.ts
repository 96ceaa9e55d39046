/** The decision: restrictiveness decides, order never does. */
import {
  type Cause,
  type Circumstances,
  type Decision,
  type FactName,
  type LimitCharge,
  PAIRED,
} from '../model/index.js';
import type { Policy, Rule } from '../policy/index.js';
import type { Classifier, Visitor } from './classify/index.js';
import { type CompiledRule, missingFacts, type RuleTruth } from './compile-rule.js';
import { findRoom, type LimitBook } from './limits.js';

/** What `decide` needs besides the connect, made once for each policy. */
export interface Decider {
  readonly classifier: Classifier;
  readonly policy: Policy;
  /** The decision that each rule leads to, ready made. */
  readonly byRule: ReadonlyMap<Rule, Decision>;
  readonly paired: Decision;
  readonly fallback: Decision;
  readonly standing: Standing;
}

/** Makes ready to decide by a policy. */
export function createDecider(classifier: Classifier, policy: Policy): Decider {
  const { revision, rules, default: action } = policy;
  const because = (reason: string) => ({ missing: NONE_MISSING, reason, revision });
  const fallback =
    action === 'deny' ? 'no rule matches, and the default is to deny' : 'no rule matches';
  return {
    classifier,
    policy,
    byRule: new Map(rules.map((rule) => [rule, decisionOf(rule, revision)])),
    paired: {
      action: 'approve',
      rule: PAIRED,
      cause: 'rule',
      ...because('the device is paired and asks for nothing new'),
    },
    fallback: { action, rule: null, cause: 'default', ...because(fallback) },
    standing: new Standing(classifier.mayFail),
  };
}

const NONE_MISSING: readonly FactName[] = [];

function decisionOf(rule: Rule, revision: string): Decision {
  const verb = { approve: 'approves', hold: 'holds', deny: 'denies' }[rule.action];
  const why = rule.reason ?? rule.description;
  const reason = `the rule \`${rule.id}\` ${verb}${why ? `: ${why}` : ''}`;
  return {
    action: rule.action,
    rule: rule.id,
    cause: 'rule',
    reason,
    missing: NONE_MISSING,
    revision,
  };
}

/** Decides one connect. */
export function decide(decider: Decider, circumstances: Circumstances, book: LimitBook): Decision {
  const { classifier, standing, paired } = decider;
  if (standing.isBusy) {
    return holdBecause('error', null, 'a decision was asked for within another', decider.policy);
  }
  const isPaired = circumstances.facts.kind === 'reconnect';
  standing.begin(circumstances, book);
  try {
    classifier.visit(circumstances, isPaired, standing);
  } finally {
    standing.isBusy = false;
  }
  const restricted = restrict(standing, decider);
  if (restricted) return restricted;
  if (isPaired) return holdForDoubts(standing, decider, 'the device is paired') ?? paired;
  return approve(standing, decider) ?? fallBack(standing, decider);
}

/** What is known of the rules that are not false; they come in the order deny, hold, approve. */
class Standing implements Visitor {
  /** The sets and this are used again for each connect, so one decision must end before the next. */
  isBusy = false;
  deny: Rule | undefined;
  failed: Rule | undefined;
  hold: Rule | undefined;
  /** The first true approve rule, and the first true one with room. */
  approving: Rule | undefined;
  approved: Rule | undefined;
  charge: LimitCharge | undefined;
  doubts: Readonly<Record<Rule['action'], CompiledRule[]>> = { deny: [], hold: [], approve: [] };
  #hasDoubts = false;
  circumstances: Circumstances | undefined;
  #book: LimitBook | undefined;
  /** Whether a rule that is still to come may fail to evaluate, which would come before a hold. */
  readonly #mayFail: boolean;

  constructor(mayFail: boolean) {
    this.#mayFail = mayFail;
  }

  /** Forgets the last connect. Nothing is allocated for the next one. */
  begin(circumstances: Circumstances, book: LimitBook): void {
    this.isBusy = true;
    this.circumstances = circumstances;
    this.#book = book;
    this.deny = undefined;
    this.failed = undefined;
    this.hold = undefined;
    this.approving = undefined;
    this.approved = undefined;
    this.charge = undefined;
    if (this.#hasDoubts) {
      this.doubts = { deny: [], hold: [], approve: [] };
      this.#hasDoubts = false;
    }
  }

  take(compiled: CompiledRule, truth: Exclude<RuleTruth, false>): boolean {
    const { rule } = compiled;
    if (truth === 'unknown') {
      this.doubts[rule.action].push(compiled);
      this.#hasDoubts = true;
    } else if (truth === 'error') {
      this.failed ??= rule;
    } else if (rule.action === 'deny') {
      this.deny = rule;
      return true;
    } else if (rule.action === 'hold') {
      this.hold ??= rule;
    } else {
      this.#takeApprove(rule);
    }
    return !this.#mayFail && (this.hold ?? this.approved) !== undefined;
  }

  #takeApprove(rule: Rule): void {
    this.approving ??= rule;
    if (this.approved || !this.circumstances || !this.#book) return;
    this.charge = rule.limit && findRoom(rule, rule.limit, this.circumstances, this.#book);
    if (!rule.limit || this.charge) this.approved = rule;
  }
}

/** Steps 1 to 3: a deny, a failure, a hold. */
function restrict(standing: Standing, { byRule, policy }: Decider): Decision | undefined {
  const { deny, failed, hold } = standing;
  if (deny) return byRule.get(deny);
  if (failed) {
    const reason = `the rule \`${failed.id}\` failed to evaluate, so a person must decide`;
    return holdBecause('error', failed.id, reason, policy);
  }
  return hold && byRule.get(hold);
}

/** Step 4: approve rules that are true, if nothing unknown could stand against them. */
function approve(standing: Standing, decider: Decider): Decision | undefined {
  const { approving, approved, charge } = standing;
  if (!approving) return undefined;
  const held = holdForDoubts(standing, decider, `\`${approving.id}\` would approve`);
  if (held) return held;
  if (approved) {
    const decision = decider.byRule.get(approved);
    return decision && charge ? { ...decision, charge } : decision;
  }
  const reason = `the rule \`${approving.id}\` would approve, but its limit is spent or cannot be told`;
  return holdBecause('limit', approving.id, reason, decider.policy);
}

function holdForDoubts(
  { doubts, circumstances }: Standing,
  { policy }: Decider,
  standing: string,
): Decision | undefined {
  if (doubts.deny.length === 0 && doubts.hold.length === 0) return undefined;
  return holdForUnknown([...doubts.deny, ...doubts.hold], circumstances, policy, standing);
}

/** Step 5: no rule is true. */
function fallBack({ doubts, circumstances }: Standing, { policy, fallback }: Decider): Decision {
  const denies = policy.default === 'deny';
  const kindIsOpen = denies && circumstances?.facts.kind === undefined;
  if (doubts.approve.length === 0 && !(denies && doubts.hold.length > 0) && !kindIsOpen)
    return fallback;
  const open = denies ? [...doubts.hold, ...doubts.approve] : doubts.approve;
  return holdForUnknown(open, circumstances, policy, 'no rule is true', kindIsOpen ? ['kind'] : []);
}

function holdBecause(cause: Cause, rule: string | null, reason: string, policy: Policy): Decision {
  return { action: 'hold', rule, cause, reason, missing: NONE_MISSING, revision: policy.revision };
}

function holdForUnknown(
  doubts: readonly CompiledRule[],
  circumstances: Circumstances | undefined,
  policy: Policy,
  standing: string,
  also: readonly FactName[] = [],
): Decision {
  const facts = circumstances ? doubts.flatMap((rule) => missingFacts(rule, circumstances)) : [];
  const missing = [...new Set([...facts, ...also])].sort();
  const named = missing.map((fact) => `\`${fact}\``).join(', ');
  const ids = doubts.slice(0, 3).map(({ rule }) => `\`${rule.id}\``);
  const more = doubts.length > 3 ? ` and ${doubts.length - 3} more` : '';
  const depend = doubts.length === 1 ? 'depends' : 'depend';
  const onRules = ids.length > 0 ? `, on which ${ids.join(', ')}${more} ${depend}` : '';
  const reason = `${standing}, but not known: ${named}${onRules}`;
  return { ...holdBecause('unknown-fact', null, reason, policy), missing };
}
