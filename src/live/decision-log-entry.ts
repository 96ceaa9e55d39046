/** What is written down of each decision that was taken live, and to whom. */
import type { Action, ConnectRecord, DecisionContext, LimitState } from '../model/index.js';
import type { LiveDecision } from './connect-answer.js';

/**
 * One decision with all that it was taken with. `{ ...record, context, outcome }` is a line of a recording which
 * `simulate` replays to the same decision, bit for bit, by a policy of the same revision.
 */
export interface DecisionLogEntry {
  /** The record as it was decided, plain JSON, with the `kind` and `isRepair` that the store gave it. */
  readonly record: ConnectRecord;
  readonly context: LoggedContext;
  readonly decision: LiveDecision;
  /** What the policy decided. Absent where it is not the policy that decided, but a failure: there is nothing to replay. */
  readonly outcome?: Action;
  /** The pending request that the connect has left, if any. */
  readonly requestId?: string;
  readonly answered: Answered;
}

/** What the client was told. A connect that waits is told later; that is an entry of its own if the decision is another one. */
export type Answered = 'admitted' | 'refused' | 'waiting';

/** What a decision was taken with, besides the record: the moment, the host, and what it looked up. */
export interface LoggedContext extends Omit<DecisionContext, 'limits'> {
  /** In ms since the epoch. */
  readonly now: number;
  /** Only those approvals that this decision looked up; null where it could not be told which there are. */
  readonly limits: LimitState | null;
}

/** Where decisions are written down. Never waits; what fails is the log's to report. */
export interface DecisionLog {
  decided(entry: DecisionLogEntry): void;
}
