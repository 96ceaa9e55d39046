/** A policy and stores that are live: swapped whole, waited for, acted on, written down. */
export {
  type ChangingIdentity,
  findChangingIdentities,
  type SeenDevice,
} from './changing-identity.js';
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
export { createOwnAddresses } from './own-addresses.js';
export {
  createPairingHook,
  type HookStats,
  type OnConnectOptions,
  type PairingHook,
  type PairingHookOptions,
} from './pairing-hook.js';
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
export { type CoversScope, coversLiterally, workOutKind } from './work-out-kind.js';
