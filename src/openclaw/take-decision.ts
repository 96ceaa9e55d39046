import { type LimitBook, type LoadedPolicy, toCircumstances } from '../engine/index.js';
import type { LiveDecision, LoggedContext } from '../live/index.js';
import type { ConnectRecord, LimitedApproval } from '../model/index.js';

/** The moment and the host that a decision is taken with. */
export interface DecisionMoment {
  /** ms since the epoch. */
  readonly now: number;
  readonly ownAddresses: readonly string[] | undefined;
  readonly isBlocked: boolean;
}

/** Decides, and notes all that the decision was taken with, so that it can be replayed. */
export function takeDecision(
  { current, generation }: { readonly current: LoadedPolicy; readonly generation: number },
  record: ConnectRecord,
  limits: LimitBook,
  { now, ownAddresses, isBlocked }: DecisionMoment,
): { readonly decision: LiveDecision; readonly context: LoggedContext } {
  const looked: Record<string, Record<string, readonly LimitedApproval[]>> = {};
  let isTold = true;
  const book: LimitBook = {
    approvals(rule, key) {
      const approvals = limits.approvals(rule, key);
      if (!approvals) isTold = false;
      else looked[rule] = { ...looked[rule], [key]: approvals };
      return approvals;
    },
  };
  const said = { now, ownAddresses, ...(isBlocked && { blocked: true }) };
  const decision = current.compiled.decide(toCircumstances(record, said), book);
  return {
    decision: { ...decision, generation, at: now },
    context: { ...said, limits: isTold ? looked : null },
  };
}
