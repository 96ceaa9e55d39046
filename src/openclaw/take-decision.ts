import { type LimitBook, type LoadedPolicy, toCircumstances } from '../engine/index.js';
import { decideNoting, type LiveDecision, type LoggedContext } from '../live/index.js';
import type { ConnectRecord } from '../model/index.js';

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
  book: LimitBook,
  { now, ownAddresses, isBlocked }: DecisionMoment,
): { readonly decision: LiveDecision; readonly context: LoggedContext } {
  const said = { now, ownAddresses, ...(isBlocked && { blocked: true }) };
  const { decision, limits } = decideNoting(book, (noting) =>
    current.compiled.decide(toCircumstances(record, said), noting),
  );
  return { decision: { ...decision, generation, at: now }, context: { ...said, limits } };
}
