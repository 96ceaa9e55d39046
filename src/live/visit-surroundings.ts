import type { Approvals } from './approvals.js';
import type { IdentityWatch } from './changing-identity.js';
import type { DecisionLog } from './decision-log-entry.js';
import type { DecisionMeter } from './decision-meter.js';
import type { GrantableScopes } from './grantable-scopes.js';
import type { HookCounts } from './hook-counts.js';
import type { LiveDecider } from './live-decider.js';
import type { OwnPairingStore } from './pairing-store.js';
import type { WaitingRoom } from './waiting-room.js';

/** What all connects of a hook share. */
export interface VisitSurroundings {
  readonly store: OwnPairingStore;
  readonly decider: LiveDecider;
  readonly approvals: Approvals;
  readonly room: WaitingRoom;
  readonly grantable: GrantableScopes;
  readonly identities: IdentityWatch;
  readonly log: DecisionLog | undefined;
  /** In ms. */
  readonly holdMs: number;
  readonly onError: ((error: unknown) => void) | undefined;
  readonly counts: HookCounts;
  readonly meter: Pick<DecisionMeter, 'count'> | undefined;
  isClosing: boolean;
}

/** The gateway may name no signal. */
export interface Leaving {
  readonly signal?: AbortSignal | undefined;
}
