/** How often each rule decided, was true, and could not be told. */
import { type Action, type Decision, PAIRED } from '../model/index.js';
import type { Policy, Rule } from '../policy/index.js';

/** One rule in numbers of connects. */
export interface RuleCount {
  readonly id: string;
  readonly action: Action;
  /** It was named as what decided. */
  readonly decided: number;
  /** It was true, whether or not it decided. */
  readonly true: number;
  readonly unknown: number;
  /** The facts for which it was unknown, the most frequent first. */
  readonly missing: readonly FactCount[];
}

/** How many connects lack a fact. */
export interface FactCount {
  readonly fact: string;
  readonly connects: number;
}

/** A rule that is not false for a connect. */
export interface SeenRule {
  readonly rule: Rule;
  readonly truth: true | 'unknown';
  /** The facts whose absence makes it unknown. */
  readonly missing: readonly string[];
}

/** Counts by fact. */
export class FactTally {
  readonly #counts = new Map<string, number>();

  add(facts: Iterable<string>, connects: number): void {
    for (const fact of facts) this.#counts.set(fact, (this.#counts.get(fact) ?? 0) + connects);
  }

  /** Adds what was counted elsewhere. */
  merge(counts: readonly FactCount[]): void {
    for (const { fact, connects } of counts) this.add([fact], connects);
  }

  counts(): readonly FactCount[] {
    return [...this.#counts]
      .map(([fact, connects]) => ({ fact, connects }))
      .sort((a, b) => b.connects - a.connects || (a.fact < b.fact ? -1 : 1));
  }
}

interface Count {
  readonly action: Action;
  decided: number;
  true: number;
  unknown: number;
  readonly missing: FactTally;
}

/** Counts by rule. */
export class RuleTally {
  /** In document order, the pairing of paired devices last. */
  readonly #counts: ReadonlyMap<string, Count>;

  constructor({ rules }: Policy) {
    const count = (action: Action): Count => ({
      action,
      decided: 0,
      true: 0,
      unknown: 0,
      missing: new FactTally(),
    });
    this.#counts = new Map([
      ...rules.map((rule) => [rule.id, count(rule.action)] as const),
      [PAIRED, count('approve')],
    ]);
  }

  /** Counts the rule that decided. */
  add({ rule }: Decision, connects: number): void {
    const decided = rule === null ? undefined : this.#counts.get(rule);
    if (!decided) return;
    decided.decided += connects;
    if (rule === PAIRED) decided.true += connects;
  }

  /** Counts a rule that is not false. */
  addRule({ rule, truth, missing }: SeenRule, connects: number): void {
    const count = this.#counts.get(rule.id);
    if (!count) return;
    if (truth === true) {
      count.true += connects;
      return;
    }
    count.unknown += connects;
    count.missing.add(new Set(missing), connects);
  }

  /** Adds what was counted elsewhere, by the same policy. */
  merge(rules: readonly RuleCount[]): void {
    for (const { id, decided, true: isTrue, unknown, missing } of rules) {
      const count = this.#counts.get(id);
      if (!count) continue;
      count.decided += decided;
      count.true += isTrue;
      count.unknown += unknown;
      count.missing.merge(missing);
    }
  }

  rules(): readonly RuleCount[] {
    return [...this.#counts].map(([id, { missing, ...counts }]) => ({
      id,
      ...counts,
      missing: missing.counts(),
    }));
  }
}
