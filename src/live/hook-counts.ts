import type { Action } from '../model/index.js';

/** What a hook counts, as it counts it. */
export interface HookCounts {
  readonly decided: Record<Action, number>;
  admitted: number;
  refused: number;
  turnedAway: number;
  errors: number;
}
