/** A policy and stores that are live: swapped whole, waited for, acted on, written down. */
export type {
  Admission,
  ConnectAnswer,
  LiveDecision,
  Refusal,
  RefusalDetails,
} from './connect-answer.js';
export type {
  Answered,
  DecisionLog,
  DecisionLogEntry,
  LoggedContext,
} from './decision-log-entry.js';
export { createMemoryLimits, type LimitKeeper } from './limit-keeper.js';
export type { LivePolicy, LivePolicyEvents, ReloadCount } from './live-policy.js';
export type {
  Block,
  BlockList,
  DeviceNames,
  OwnPairingStore,
  PairedDevice,
  PairingAsk,
  PairingStore,
  PendingRequest,
  StoreChange,
  StoreEvents,
} from './pairing-store.js';
