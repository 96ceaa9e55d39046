import type { FactName } from './facts.js';
import type { Action, Cause } from './words.js';

/** The approvals under limits that still count: rule id, then the value that is limited `by`. */
export type LimitState = Readonly<
  Record<string, Readonly<Record<string, readonly LimitedApproval[]>>>
>;

/** One approval that was acted on: when, and for which device and ask (`null`: not to be told). */
export interface LimitedApproval {
  readonly at: number;
  readonly ask: string | null;
}

/** What acting on an approval uses up of its rule's limit. */
export interface LimitCharge extends LimitedApproval {
  readonly rule: string;
  readonly key: string;
}

/** What the caller says of the moment and the host. Absent means unknown. */
export interface DecisionContext {
  /** The time of the decision, ms since the epoch; without it the record's `ts`. */
  readonly now?: number | undefined;
  /** The gateway host's own addresses as text; `[]` is none. */
  readonly ownAddresses?: readonly string[] | undefined;
  /** The approvals that count against limits. */
  readonly limits?: LimitState | undefined;
}

/** What was decided for one connect, and why. */
export interface Decision {
  readonly action: Action;
  /** The rule that decided, `(paired)`, or null. */
  readonly rule: string | null;
  readonly cause: Cause;
  /** For a person. */
  readonly reason: string;
  /** With the cause `unknown-fact`: the facts whose absence decided. */
  readonly missing: readonly FactName[];
  /** The content hash of the policy. */
  readonly revision: string;
  /** On an approval under a limit: what acting on it uses up. */
  readonly charge?: LimitCharge;
}

/** The name of the approval that a paired device has without any rule. */
export const PAIRED = '(paired)';
