import type { z } from 'zod';
import type { decisionSchema } from './decision-schema.js';

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
export type LimitCharge = NonNullable<Decision['charge']>;

/** What the caller says of the moment and the host. Absent means unknown. */
export interface DecisionContext {
  /** The time of the decision, ms since the epoch or ISO 8601; without it the record's `ts`. */
  readonly now?: number | string | undefined;
  /** The gateway host's own addresses as text; `[]` is none. */
  readonly ownAddresses?: readonly string[] | undefined;
  /** The approvals that count against limits. */
  readonly limits?: LimitState | undefined;
  /** Whether the device is on the block list: then it is denied, whatever the policy says. */
  readonly blocked?: boolean | undefined;
}

/** What was decided for one connect, and why; the schema says what each field is. */
export type Decision = z.infer<typeof decisionSchema>;

/** The name of the approval that a paired device has without any rule. */
export const PAIRED = '(paired)';

/** The name of the denial that a blocked device has without any rule. */
export const BLOCKED = '(blocked)';
