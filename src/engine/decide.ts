/** The decision: restrictiveness decides, order never does. */
import {
  type Circumstances,
  type Decision,
  type FactName,
  type LimitCharge,
  PAIRED,
} from '../model/index.js';
import type { Policy, Rule } from '../policy/index.js';
import type { Classifier } from './classify/index.js';
import { type CompiledRule, missingFacts, type RuleTruth } from './compile-rule.js';
import { findRoom, type LimitBook } from './limits.js';

type Outcome = Omit<Decision, 'revision'>;

/** Decides one connect. */
export function decide(
  classifier: Classifier,
  policy: Policy,
  circumstances: Circumstances,
  book: LimitBook,
): Decision {
  const isPaired = circumstances.facts.kind === 'reconnect';
  const standing = new Standing(circumstances, book, classifier.mayFail);
  classifier.visit(circumstances, isPaired, (rule, truth) => standing.take(rule, truth));
  const outcome =
    restrict(standing) ??
    (isPaired
      ? admitPaired(standing, circumstances)
      : (approve(standing, circumstances) ?? fallBack(standing, policy, circumstances)));
  return { ...outcome, revision: policy.revision };
}

/** What is known of the rules that are not false; they come in the order deny, hold, approve. */
class Standing {
  deny: Rule | undefined;
  failed: Rule | undefined;
  hold: Rule | undefined;
  /** The first true approve rule, and the first true one with room. */
  approving: Rule | undefined;
  approved: Rule | undefined;
  charge: LimitCharge | undefined;
  readonly doubts: Readonly<Record<Rule['action'], CompiledRule[]>> = {
    deny: [],
    hold: [],
    approve: [],
  };
  readonly #circumstances: Circumstances;
  readonly #book: LimitBook;
  /** Whether a rule that is still to come may fail to evaluate, which would come before a hold. */
  readonly #mayFail: boolean;

  constructor(circumstances: Circumstances, book: LimitBook, mayFail: boolean) {
    this.#circumstances = circumstances;
    this.#book = book;
    this.#mayFail = mayFail;
  }

  /** Takes a rule that is not false; true when no further one can matter. */
  take(compiled: CompiledRule, truth: Exclude<RuleTruth, false>): boolean {
    const { rule } = compiled;
    if (truth === 'unknown') {
      this.doubts[rule.action].push(compiled);
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
    if (this.approved) return;
    this.charge = rule.limit && findRoom(rule, rule.limit, this.#circumstances, this.#book);
    if (!rule.limit || this.charge) this.approved = rule;
  }
}

/** Steps 1 to 3: a deny, a failure, a hold. */
function restrict({ deny, failed, hold }: Standing): Outcome | undefined {
  if (deny) return byRule(deny);
  if (failed) {
    const reason = `the rule \`${failed.id}\` failed to evaluate, so a person must decide`;
    return { action: 'hold', rule: failed.id, cause: 'error', reason, missing: [] };
  }
  return hold && byRule(hold);
}

/** Step 4: approve rules that are true, if nothing unknown could stand against them. */
function approve(standing: Standing, circumstances: Circumstances): Outcome | undefined {
  const { approving, approved, charge } = standing;
  if (!approving) return undefined;
  const doubts = [...standing.doubts.deny, ...standing.doubts.hold];
  if (doubts.length > 0) {
    return holdForUnknown(doubts, circumstances, `\`${approving.id}\` would approve`);
  }
  if (approved) return { ...byRule(approved), ...(charge && withCharge(charge)) };
  const reason = `the rule \`${approving.id}\` would approve, but its limit is spent or cannot be told`;
  return { action: 'hold', rule: approving.id, cause: 'limit', reason, missing: [] };
}

function withCharge(charge: LimitCharge): { readonly charge: LimitCharge } {
  return { charge };
}

/** A paired device that asks for nothing new has its pairing for an approve rule. */
function admitPaired(standing: Standing, circumstances: Circumstances): Outcome {
  const doubts = [...standing.doubts.deny, ...standing.doubts.hold];
  if (doubts.length > 0) return holdForUnknown(doubts, circumstances, 'the device is paired');
  const reason = 'the device is paired and asks for nothing new';
  return { action: 'approve', rule: PAIRED, cause: 'rule', reason, missing: [] };
}

/** Step 5: no rule is true. */
function fallBack(standing: Standing, policy: Policy, circumstances: Circumstances): Outcome {
  const denies = policy.default === 'deny';
  const { approve, hold } = standing.doubts;
  const open = denies ? [...hold, ...approve] : approve;
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
