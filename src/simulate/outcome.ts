/** What one connect came to. */
import type { Action, Circumstances, Decision } from '../model/index.js';
import type { SeenRule } from './rule-tally.js';

/** The decision on one line of a recording, and the one of the policy that it is compared with. */
export interface ReplayedConnect {
  readonly decision: Decision;
  readonly was: Decision | undefined;
}

/** What a connect came to, kept so that others that are alike are counted without being decided. */
export interface Outcome extends ReplayedConnect {
  readonly circumstances: Circumstances;
  readonly expect: Action | undefined;
  readonly outcome: Action | undefined;
  readonly seen: readonly SeenRule[];
  /** Of the group that it is counted in; absent where a rule matched, or nothing is grouped. */
  readonly group: string | undefined;
  /** Whether a connect that is alike comes to the same whatever came before. */
  readonly mayRepeat: boolean;
  /** Whether it is told with its place, so that it must be counted at once, and in order. */
  readonly isTold: boolean;
  /** The connects that are alike and not counted yet. */
  times: number;
}
