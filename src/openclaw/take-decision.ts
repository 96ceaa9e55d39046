import { type LimitBook, type LoadedPolicy, toCircumstances } from '../engine/index.js';
import { decideNoting, type LiveDecision, type LoggedContext } from '../live/index.js';
import type { Circumstances, ConnectRecord } from '../model/index.js';

/** The moment and the host that a decision is taken with. */
export interface DecisionMoment {
  /** ms since the epoch. */
  readonly now: number;
  readonly ownAddresses: readonly string[] | undefined;
  readonly isBlocked: boolean;
}

export interface TakenDecision {
  readonly decision: LiveDecision;
  /** All that it was taken with besides the record, so that it can be replayed. */
  readonly context: LoggedContext;
  /** The record and the context as they were decided. */
  readonly circumstances: Circumstances;
}

/** Decides, and notes all that the decision was taken with, so that it can be replayed. */
export function takeDecision(
  { current, generation }: { readonly current: LoadedPolicy; readonly generation: number },
  record: ConnectRecord,
  book: LimitBook,
  { now, ownAddresses, isBlocked }: DecisionMoment,
): TakenDecision {
  const said = { now, ownAddresses, ...(isBlocked && { blocked: true }) };
  const circumstances = toCircumstances(record, said);
  const { decision, limits } = decideNoting(book, (noting) =>
    current.compiled.decide(circumstances, noting),
  );
  return {
    decision: { ...decision, generation, at: now },
    context: { ...said, limits },
    circumstances,
  };
}
