/** The part of a limit book that a decision looked at. */
import { type LimitBook, readLimits } from '../engine/index.js';
import type { LimitedApproval, LimitState } from '../model/index.js';

/** What came of a decision under limits, and the limits it was taken with: null where they could not be told. */
export interface NotedDecision<T> {
  readonly decision: T;
  readonly limits: LimitState | null;
}

/** Decides by the book, and notes what was looked up, so that the same decision can be taken again. */
export function decideNoting<T>(book: LimitBook, decide: (book: LimitBook) => T): NotedDecision<T> {
  const noting = new NotingBook(book);
  const decision = decide(noting);
  if (!noting.isUntold) return { decision, limits: noting.toState() };
  // A replay can be told all or nothing: where one look-up fails, none counts.
  return { decision: decide(readLimits(null)), limits: null };
}

const NO_LIMITS: LimitState = Object.freeze({});

class NotingBook implements LimitBook {
  readonly #book: LimitBook;
  #noted: Map<string, Map<string, readonly LimitedApproval[]>> | undefined;
  isUntold = false;

  constructor(book: LimitBook) {
    this.#book = book;
  }

  approvals(rule: string, key: string): readonly LimitedApproval[] | undefined {
    const found = this.#book.approvals(rule, key);
    if (!found) {
      this.isUntold = true;
      return undefined;
    }
    // A copy: the book goes on being charged.
    const approvals = [...found];
    this.#noted ??= new Map();
    const ofRule = this.#noted.get(rule) ?? new Map<string, readonly LimitedApproval[]>();
    this.#noted.set(rule, ofRule.set(key, approvals));
    return approvals;
  }

  toState(): LimitState {
    if (!this.#noted) return NO_LIMITS;
    const entries = [...this.#noted].map(([rule, keys]) => [rule, Object.fromEntries(keys)]);
    return Object.fromEntries(entries) as LimitState;
  }
}
