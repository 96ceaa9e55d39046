/** The approvals that count against limits, kept for as long as they count. */
import { type LimitBook, LimitLedger } from '../engine/index.js';
import type { LimitCharge } from '../model/index.js';
import type { Limit } from '../policy/index.js';

/** A limit book that is charged when an approval is acted on. */
export interface LimitKeeper extends LimitBook {
  /**
   * Counts from the call on, so that no other decision takes the same room, and resolves when it is durable. Where it
   * rejects, the approval is not acted on; whether it goes on counting is open.
   */
  charge(charge: LimitCharge, limit: Limit): Promise<void>;
}

/** Limits that start anew with the process. */
export function createMemoryLimits(): LimitKeeper {
  const ledger = new LimitLedger();
  return {
    approvals: (rule, key) => ledger.approvals(rule, key),
    async charge(charge, limit) {
      ledger.charge(charge, limit);
    },
  };
}
