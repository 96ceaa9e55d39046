/** What metrics and health are made of; a part that is not given is not spoken of. */
import type { Problem } from '../model/index.js';
import type { LivePolicy } from './live-policy.js';
import type { PairingStore } from './pairing-store.js';

/** The parts of a live policy whose state can be asked. */
export interface StatusSources {
  readonly policy?: LivePolicy | undefined;
  readonly store?: PairingStore | undefined;
  readonly log?: LogState | undefined;
  readonly limits?: KeeperState | undefined;
  /** What is wrong with the connection to a gateway; undefined while it is up. */
  readonly gateway?: (() => string | undefined) | undefined;
  /** How many connects wait for a decision of a person. */
  readonly waiting?: (() => number) | undefined;
}

/** How writing the decision log goes. */
export interface LogState {
  /** Why it cannot be written now. */
  readonly problem: Problem | undefined;
  readonly written: number;
  /** Decisions that are missing from it. */
  readonly dropped: number;
}

/** Whether the approvals under limits can be told. */
export interface KeeperState {
  readonly problem: Problem | undefined;
}
