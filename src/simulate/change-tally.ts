/** What is decided differently than before: counted, with the first few of each kind kept. */
import type { Action, Cause, Decision, Facts } from '../model/index.js';
import { type ConnectPlace, type ConnectSample, sampleOf } from './connect-sample.js';

/** What was decided before; `rule` is there where the former policy is at hand. */
export interface Former {
  readonly action: Action;
  readonly rule?: string | null;
}

/** Whether a connect is decided as before, and by the same rule where both are known. */
export function isSame(was: Former, now: Decision): boolean {
  return was.action === now.action && (was.rule === undefined || was.rule === now.rule);
}

/** Which way a decision changed. */
export type ChangeKind = 'newly-approved' | 'newly-denied' | 'newly-held';

/** A connect whose action is another one than before. */
export interface Change extends ConnectSample {
  readonly change: ChangeKind;
  readonly was: Action;
  /** The rule that decided before; absent where only the action is known. */
  readonly wasRule?: string | null;
  readonly action: Action;
  readonly rule: string | null;
  readonly cause: Cause;
  readonly reason: string;
}

/** The same action by another rule: how often. */
export interface RuleChange {
  readonly action: Action;
  readonly was: string | null;
  readonly rule: string | null;
  readonly connects: number;
}

/** All changes as counts, and some as details, newly approved ones first. */
export interface Changes {
  readonly compared: number;
  readonly changed: number;
  readonly newlyApproved: number;
  readonly newlyDenied: number;
  readonly newlyHeld: number;
  readonly ruleChanges: readonly RuleChange[];
  readonly connects: readonly Change[];
}

/** What a tally found in a part of a recording, in a form that can be sent. */
export interface ChangesPart {
  readonly compared: number;
  readonly counts: Readonly<Record<ChangeKind, number>>;
  readonly kept: readonly Change[];
  readonly ruleChanges: readonly RuleChange[];
}

/** How many changes are kept as details. */
const MAX_CHANGES = 1000;

const KINDS: Readonly<Record<Action, ChangeKind>> = {
  approve: 'newly-approved',
  deny: 'newly-denied',
  hold: 'newly-held',
};

/** Compares decisions with what they were before, one connect at a time. */
export class ChangeTally {
  #compared = 0;
  #counts: Record<ChangeKind, number> = noCounts();
  readonly #kept = new Map<ChangeKind, Change[]>();
  readonly #ruleChanges = new Map<string, RuleChange>();
  readonly #maxRuleChanges: number;

  /** Of a part of a recording all changes of rules are kept: which are too many is known where the parts come together. */
  constructor(isPart = false) {
    this.#maxRuleChanges = isPart ? Number.POSITIVE_INFINITY : MAX_CHANGES;
  }

  /** Counts connects that are decided as before, by the same rule. */
  addSame(connects: number): void {
    this.#compared += connects;
  }

  /** Counts a connect that is decided differently. */
  add(place: ConnectPlace, facts: Facts, was: Former, now: Decision): void {
    this.#compared += 1;
    if (was.action === now.action) {
      const { action, rule } = now;
      if (was.rule !== undefined) this.#addRuleChange({ action, was: was.rule, rule, connects: 1 });
      return;
    }
    const change = KINDS[now.action];
    this.#counts[change] += 1;
    if ((this.#kept.get(change)?.length ?? 0) >= MAX_CHANGES) return;
    const { action, rule, cause, reason } = now;
    const before = was.rule === undefined ? {} : { wasRule: was.rule };
    const sample = sampleOf(place, facts);
    this.#keep({ ...sample, change, was: was.action, ...before, action, rule, cause, reason });
  }

  /** What was found since this was last asked for. */
  take(): ChangesPart {
    const part = {
      compared: this.#compared,
      counts: this.#counts,
      kept: [...this.#kept.values()].flat(),
      ruleChanges: [...this.#ruleChanges.values()],
    };
    this.#compared = 0;
    this.#counts = noCounts();
    this.#kept.clear();
    this.#ruleChanges.clear();
    return part;
  }

  /** Adds what was found in the next part, whose lines are counted from `base` on. */
  merge({ compared, counts, kept, ruleChanges }: ChangesPart, base: number): void {
    this.#compared += compared;
    for (const kind of Object.values(KINDS)) this.#counts[kind] += counts[kind];
    for (const change of kept) this.#keep({ ...change, line: change.line + base });
    for (const change of ruleChanges) this.#addRuleChange(change);
  }

  changes(): Changes {
    const {
      'newly-approved': newlyApproved,
      'newly-denied': newlyDenied,
      'newly-held': newlyHeld,
    } = this.#counts;
    const kept = Object.values(KINDS).flatMap((kind) => this.#kept.get(kind) ?? []);
    return {
      compared: this.#compared,
      changed: newlyApproved + newlyDenied + newlyHeld,
      newlyApproved,
      newlyDenied,
      newlyHeld,
      ruleChanges: [...this.#ruleChanges.values()].sort((a, b) => b.connects - a.connects),
      connects: kept.slice(0, MAX_CHANGES),
    };
  }

  #keep(change: Change): void {
    const kept = this.#kept.get(change.change) ?? [];
    if (kept.length < MAX_CHANGES) kept.push(change);
    this.#kept.set(change.change, kept);
  }

  #addRuleChange({ action, was, rule, connects }: RuleChange): void {
    const key = JSON.stringify([action, was, rule]);
    const before = this.#ruleChanges.get(key);
    if (!before && this.#ruleChanges.size >= this.#maxRuleChanges) return;
    this.#ruleChanges.set(key, { action, was, rule, connects: (before?.connects ?? 0) + connects });
  }
}

function noCounts(): Record<ChangeKind, number> {
  return { 'newly-approved': 0, 'newly-denied': 0, 'newly-held': 0 };
}
