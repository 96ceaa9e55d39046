/** A policy and stores that are live: swapped whole, waited for, acted on, written down. */
export { findChangingIdentities, type SeenDevice } from './changing-identity.js';
export type {
  Admission,
  ConnectAnswer,
  LiveDecision,
  Refusal,
  RefusalDetails,
} from './connect-answer.js';
export { createLivePolicy, type LivePolicyOptions } from './create-live-policy.js';
export type {
  Answered,
  DecisionLog,
  DecisionLogEntry,
  LoggedContext,
} from './decision-log-entry.js';
export {
  type DecisionLogFile,
  type DecisionLogOptions,
  openDecisionLog,
} from './decision-log-file.js';
export type { DecisionMeter } from './decision-meter.js';
export { GrantableScopes } from './grantable-scopes.js';
export { holdLock } from './hold-lock.js';
export { type LimitFile, type LimitFileOptions, openLimitFile } from './limit-file.js';
export { createMemoryLimits, type LimitKeeper } from './limit-keeper.js';
export type { LivePolicy, LivePolicyEvents, ReloadCount } from './live-policy.js';
export { decideNoting } from './noting-book.js';
export { originOf } from './origin-of.js';
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
  IsMeant,
  OwnPairingStore,
  PairedDevice,
  PairingAsk,
  PairingStore,
  PendingRequest,
  StoreChange,
  StoreEvents,
} from './pairing-store.js';
export { type LoggedDecision, type PassedOver, readDecisions } from './read-decisions.js';
export { openRecordingFile, type RecordingFile } from './recording-file.js';
export { type StatusServer, type StatusServerOptions, startStatusServer } from './status-server.js';
export type { KeeperState, LogState, StatusSources } from './status-sources.js';
export {
  type FileWatch,
  type FileWatchOptions,
  type Settled,
  watchFiles,
} from './watch/file-watch.js';
export { coversLiterally, workOutKind } from './work-out-kind.js';
export { writeDurably } from './write-durably.js';
