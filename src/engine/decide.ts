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
import { type CompiledRule, factBit, missingFacts, type RuleTruth } from './compile-rule.js';
import { findRoom, type LimitBook } from './limits.js';

/** What `decide` needs besides the connect, made once for each policy. */
export interface Decider {
  readonly classifier: Classifier;
  readonly policy: Policy;
  readonly paired: Decision;
  readonly fallback: Decision;
  readonly standing: Standing;
}

/** Makes ready to decide by a policy. */
export function createDecider(classifier: Classifier, policy: Policy): Decider {
  const { revision, default: action } = policy;
  const because = (reason: string) => ({ missing: NONE_MISSING, reason, revision });
  const fallback =
    action === 'deny' ? 'no rule matches, and the default is to deny' : 'no rule matches';
  return {
    classifier,
    policy,
    paired: Object.freeze({
      action: 'approve',
      rule: PAIRED,
      cause: 'rule',
      ...because('the device is paired and asks for nothing new'),
    }),
    fallback: Object.freeze({ action, rule: null, cause: 'default', ...because(fallback) }),
    standing: new Standing(classifier.mayFail),
  };
}

const NONE_MISSING: readonly FactName[] = Object.freeze([]);

/** Is told every rule that is not false, whether or not the decision needs it. */
export type Onlooker = (rule: CompiledRule, truth: Exclude<RuleTruth, false>) => void;

/** Decides one connect. With an onlooker it goes on where the decision is clear. */
export function decide(
  decider: Decider,
  circumstances: Circumstances,
  book: LimitBook,
  onlooker?: Onlooker,
): Decision {
  const { classifier, standing, paired } = decider;
  if (standing.isBusy) {
    return holdBecause('error', null, 'a decision was asked for within another', decider.policy);
  }
  const isPaired = circumstances.facts.kind === 'reconnect';
  standing.begin(circumstances, book);
  try {
    classifier.visit(circumstances, isPaired, onlooker ? watch(standing, onlooker) : standing);
  } finally {
    standing.isBusy = false;
  }
  const restricted = restrict(standing, decider);
  if (restricted) return restricted;
  if (isPaired) {
    const doubted = standing.hasGuardingDoubts();
    return doubted ? holdForDoubts(standing, decider, 'the device is paired') : paired;
  }
  return approve(standing, decider) ?? fallBack(standing, decider);
}

/** Visits all rules for the onlooker; those that the decision does not need do not change it. */
function watch(standing: Standing, onlooker: Onlooker): Visitor {
  return {
    take(rule, truth) {
      standing.take(rule, truth);
      onlooker(rule, truth);
      return false;
    },
  };
}

/** What is known of the rules that are not false. Those of one section come in the order deny, hold, approve. */
class Standing implements Visitor {
  /** The sets and this are used again for each connect, so one decision must end before the next. */
  isBusy = false;
  deny: CompiledRule | undefined;
  failed: CompiledRule | undefined;
  hold: CompiledRule | undefined;
  /** The first true approve rule, and the first true one with room. */
  approving: CompiledRule | undefined;
  approved: CompiledRule | undefined;
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
    const { action } = compiled.rule;
    if (truth === 'unknown') {
      this.doubts[action].push(compiled);
      this.#hasDoubts = true;
    } else if (truth === 'error') {
      this.failed = firstOf(this.failed, compiled);
    } else if (action === 'deny') {
      this.deny = firstOf(this.deny, compiled);
      return true;
    } else if (action === 'hold') {
      this.hold = firstOf(this.hold, compiled);
      return !this.#mayFail;
    } else {
      const hasRoom = this.#takeApprove(compiled);
      return hasRoom && !this.#mayFail;
    }
    return false;
  }

  /** Whether a deny or hold rule is unknown. */
  hasGuardingDoubts(): boolean {
    return this.#hasDoubts && this.doubts.deny.length + this.doubts.hold.length > 0;
  }

  /** Whether the rule has room, as every rule has without a limit. */
  #takeApprove(compiled: CompiledRule): boolean {
    const { rule, order } = compiled;
    this.approving = firstOf(this.approving, compiled);
    if (!this.circumstances || !this.#book) return false;
    if (this.approved && this.approved.order < order) return true;
    const charge = rule.limit && findRoom(rule, rule.limit, this.circumstances, this.#book);
    if (rule.limit && !charge) return false;
    this.approved = compiled;
    this.charge = charge;
    return true;
  }
}

/** The one that stands first in the policy: the sections of the classifier are visited one after another. */
function firstOf(a: CompiledRule | undefined, b: CompiledRule): CompiledRule {
  return a && a.order < b.order ? a : b;
}

/** Steps 1 to 3: a deny, a failure, a hold. */
function restrict(standing: Standing, { policy }: Decider): Decision | undefined {
  const { deny, failed, hold } = standing;
  if (deny) return deny.decision;
  if (failed) {
    const { id } = failed.rule;
    const reason = `the rule \`${id}\` failed to evaluate, so a person must decide`;
    return holdBecause('error', id, reason, policy);
  }
  return hold?.decision;
}

/** Step 4: approve rules that are true, if nothing unknown could stand against them. */
function approve(standing: Standing, decider: Decider): Decision | undefined {
  const { approving, approved, charge } = standing;
  if (!approving) return undefined;
  const { id } = approving.rule;
  if (standing.hasGuardingDoubts())
    return holdForDoubts(standing, decider, `\`${id}\` would approve`);
  if (approved) return charge ? { ...approved.decision, charge } : approved.decision;
  const reason = `the rule \`${id}\` would approve, but its limit is spent or cannot be told`;
  return holdBecause('limit', id, reason, decider.policy);
}

function holdForDoubts(
  { doubts, circumstances }: Standing,
  { policy }: Decider,
  standing: string,
): Decision {
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
  const missing = [...missingFrom(doubts, circumstances), ...also]
    .filter((fact, i, all) => all.indexOf(fact) === i)
    .sort();
  const named = missing.map((fact) => `\`${fact}\``).join(', ');
  const ids = firstThree(doubts).map(({ rule }) => `\`${rule.id}\``);
  const more = doubts.length > 3 ? ` and ${doubts.length - 3} more` : '';
  const depend = doubts.length === 1 ? 'depends' : 'depend';
  const onRules = ids.length > 0 ? `, on which ${ids.join(', ')}${more} ${depend}` : '';
  const reason = `${standing}, but not known: ${named}${onRules}`;
  return { ...holdBecause('unknown-fact', null, reason, policy), missing };
}

/** The three that stand first in the policy. */
function firstThree(rules: readonly CompiledRule[]): readonly CompiledRule[] {
  let first: CompiledRule[] = [];
  for (const rule of rules) {
    const last = first[2];
    if (last && last.order < rule.order) continue;
    first = [...first, rule].sort((a, b) => a.order - b.order).slice(0, 3);
  }
  return first;
}

/** The facts whose absence leaves the rules open. There are few facts, and there may be many rules. */
function missingFrom(
  doubts: readonly CompiledRule[],
  circumstances: Circumstances | undefined,
): readonly FactName[] {
  if (!circumstances) return [];
  const missing = new Set<FactName>();
  let known = knownFacts(circumstances);
  for (const rule of doubts) {
    // A rule that reads no other unknown fact has nothing to add.
    if ((rule.reads & ~known) === 0) continue;
    for (const fact of missingFacts(rule, circumstances)) {
      missing.add(fact);
      known |= factBit(fact);
    }
  }
  return [...missing];
}

function knownFacts({ facts, now, ownAddresses }: Circumstances): number {
  const all = Object.entries({ ...facts, now, ownAddresses }) as [FactName, unknown][];
  return all.reduce(
    (bits, [fact, value]) => (value === undefined ? bits : bits | factBit(fact)),
    0,
  );
}
