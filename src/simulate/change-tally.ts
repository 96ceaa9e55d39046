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
  readonly #counts = { 'newly-approved': 0, 'newly-denied': 0, 'newly-held': 0 };
  readonly #kept = new Map<ChangeKind, Change[]>();
  readonly #ruleChanges = new Map<string, RuleChange>();

  /** Counts connects that are decided as before, by the same rule. */
  addSame(connects: number): void {
    this.#compared += connects;
  }

  /** Counts a connect that is decided differently. */
  add(place: ConnectPlace, facts: Facts, was: Former, now: Decision): void {
    this.#compared += 1;
    if (was.action === now.action) {
      if (was.rule !== undefined) this.#addRuleChange(was.rule, now);
      return;
    }
    const change = KINDS[now.action];
    this.#counts[change] += 1;
    const kept = this.#kept.get(change) ?? [];
    if (kept.length >= MAX_CHANGES) return;
    const { action, rule, cause, reason } = now;
    const before = was.rule === undefined ? {} : { wasRule: was.rule };
    const sample = sampleOf(place, facts);
    kept.push({ ...sample, change, was: was.action, ...before, action, rule, cause, reason });
    this.#kept.set(change, kept);
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

  #addRuleChange(was: string | null, { action, rule }: Decision): void {
    const key = JSON.stringify([action, was, rule]);
    const before = this.#ruleChanges.get(key);
    if (!before && this.#ruleChanges.size >= MAX_CHANGES) return;
    this.#ruleChanges.set(key, { action, was, rule, connects: (before?.connects ?? 0) + 1 });
  }
}
