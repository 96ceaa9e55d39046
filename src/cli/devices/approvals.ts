/** How paired devices came to be approved, as far as the decision log tells. */
import { join } from 'node:path';
import { type PairedDevice, readDecisions } from '../../live/index.js';
import { PAIRED } from '../../model/index.js';
import { findStateDir } from '../stores/state-dir.js';
import type { StoreOptions } from '../stores/store-options.js';
import type { Terminal } from '../terminal.js';

/** An approval that the decision log holds. */
export interface Approval {
  readonly rule: string | null;
  /** In ms since the epoch. */
  readonly at: number;
}

/** The approvals of devices; a device that is not in there was approved by a person or the gateway. */
export interface Approvals {
  of(device: PairedDevice): Approval | undefined;
}

/** From the decision to the pairing: what is further apart is another approval. */
const SAME_MS = 5_000;

/** Reads the decision log beside the store, where there is one. */
export async function readApprovals(options: StoreOptions, terminal: Terminal): Promise<Approvals> {
  const path = join(await findStateDir(options, terminal), 'pair-policy', 'decisions.jsonl');
  const last = new Map<string, Approval>();
  for await (const { deviceId, decision, answered } of readDecisions(path)) {
    const { action, rule, at } = decision;
    if (deviceId === undefined || action !== 'approve' || answered !== 'admitted') continue;
    // That what is paired was let in again is no approval.
    if (rule !== PAIRED) last.set(deviceId, { rule, at });
  }
  return {
    of: ({ deviceId, approvedAtMs }) => {
      const approval = last.get(deviceId);
      if (!approval || approvedAtMs === undefined) return approval;
      return Math.abs(approvedAtMs - approval.at) <= SAME_MS ? approval : undefined;
    },
  };
}
