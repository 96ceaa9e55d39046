/** What is counted of connects whatever their order and their place. */
import type { Action, Cause, Decision } from '../model/index.js';
import type { Policy } from '../policy/index.js';
import type { Outcome } from './outcome.js';
import { type FactCount, FactTally, type RuleCount, RuleTally } from './rule-tally.js';

/** How often a rule (or none) decided something, and why. */
export interface DecisionCount {
  readonly action: Action;
  readonly rule: string | null;
  readonly cause: Cause;
  readonly connects: number;
}

interface Counted {
  readonly count: { -readonly [Key in keyof DecisionCount]: DecisionCount[Key] };
  /** When it came first: of equal ones the first is named first. */
  first: number;
}

/** All counts, in a form that can be sent. */
export interface Totals {
  readonly actions: Readonly<Record<Action, number>>;
  readonly decisions: readonly Counted[];
  readonly rules: readonly RuleCount[];
  readonly met: number;
  readonly unmatched: number;
  readonly unknown: number;
  readonly missing: readonly FactCount[];
}

/** Counts connects; counts of several parts of a recording can be added up. */
export class Counts {
  readonly #actions = { approve: 0, hold: 0, deny: 0 };
  /** By the rule. */
  readonly #decisions = new Map<string | null, Counted[]>();
  readonly #rules: RuleTally;
  #met = 0;
  #unmatched = 0;
  #unknown = 0;
  readonly #missing = new FactTally();

  constructor(policy: Policy) {
    this.#rules = new RuleTally(policy);
  }

  /** Counts so many connects that came to the same; `place` says when. */
  add({ decision, expect, seen }: Outcome, connects: number, place: number): void {
    this.#actions[decision.action] += connects;
    this.#addDecision(decision, connects, place);
    this.#rules.add(decision, connects);
    for (const rule of seen) this.#rules.addRule(rule, connects);
    if (expect === decision.action) this.#met += connects;
    if (decision.cause === 'default') this.#unmatched += connects;
    if (decision.cause === 'unknown-fact') {
      this.#unknown += connects;
      this.#missing.add(decision.missing, connects);
    }
  }

  /** All that was counted. */
  totals(): Totals {
    return {
      actions: { ...this.#actions },
      decisions: [...this.#decisions.values()]
        .flat()
        .sort((a, b) => b.count.connects - a.count.connects || a.first - b.first),
      rules: this.#rules.rules(),
      met: this.#met,
      unmatched: this.#unmatched,
      unknown: this.#unknown,
      missing: this.#missing.counts(),
    };
  }

  /** Adds what was counted elsewhere, by the same policy. */
  merge({ actions, decisions, rules, met, unmatched, unknown, missing }: Totals): void {
    for (const action of Object.keys(actions) as Action[]) this.#actions[action] += actions[action];
    for (const { count, first } of decisions) this.#addDecision(count, count.connects, first);
    this.#rules.merge(rules);
    this.#met += met;
    this.#unmatched += unmatched;
    this.#unknown += unknown;
    this.#missing.merge(missing);
  }

  #addDecision(
    { action, rule, cause }: Pick<Decision, 'action' | 'rule' | 'cause'>,
    connects: number,
    place: number,
  ): void {
    const all = this.#decisions.get(rule) ?? [];
    const known = all.find(({ count }) => count.action === action && count.cause === cause);
    if (known) {
      known.count.connects += connects;
      known.first = Math.min(known.first, place);
      return;
    }
    all.push({ count: { action, rule, cause, connects }, first: place });
    this.#decisions.set(rule, all);
  }
}
