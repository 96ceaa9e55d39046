/** The pairing hook: what a gateway asks on each connect. */
import type { LoadedPolicy } from '../engine/index.js';
import { type Action, type ConnectRecord, normaliseRecord, scopeGrants } from '../model/index.js';
import { Approvals } from './approvals.js';
import { IdentityWatch } from './changing-identity.js';
import type { ConnectAnswer } from './connect-answer.js';
import type { DecisionLog } from './decision-log-entry.js';
import type { DecisionMeter } from './decision-meter.js';
import { GrantableScopes } from './grantable-scopes.js';
import { createMemoryLimits, type LimitKeeper } from './limit-keeper.js';
import { LiveDecider } from './live-decider.js';
import type { LivePolicy } from './live-policy.js';
import { createOwnAddresses } from './own-addresses.js';
import type { OwnPairingStore, StoreChange } from './pairing-store.js';
import { Visit } from './visit.js';
import type { VisitSurroundings } from './visit-surroundings.js';
import { WaitingRoom } from './waiting-room.js';
import { type CoversScope, coversLiterally } from './work-out-kind.js';

export interface PairingHookOptions {
  /** What decides. A live policy is followed as it changes. Closing it is the caller's. */
  readonly policy: LivePolicy | LoadedPolicy;
  /** Who is paired and who waits. Closing it is the caller's, after the hook. */
  readonly store: OwnPairingStore;
  /** How long a held connect is kept waiting for a decision, in ms; 0 answers at once. 12,000 unless given. */
  readonly holdMs?: number | undefined;
  /** Where decisions are written down; nowhere unless given. */
  readonly log?: DecisionLog | undefined;
  /** Counts the decisions and how long each took: that of a status server. */
  readonly meter?: Pick<DecisionMeter, 'count'> | undefined;
  /** The approvals that count against limits. Kept in memory, and so forgotten with the process, unless given. */
  readonly limits?: LimitKeeper | undefined;
  /** The clock, in whole ms since the epoch. */
  readonly now?: (() => number) | undefined;
  /** This host's own addresses as text, at this moment; undefined is unknown. Those of its interfaces unless given. */
  readonly ownAddresses?: (() => readonly string[] | undefined) | undefined;
  /** How many connects may wait in all. 1,000 unless given. */
  readonly maxWaiting?: number | undefined;
  /** How many connects may wait from one address (IPv6: one /64; all whose address is unknown together). 100 unless given. */
  readonly maxWaitingPerAddress?: number | undefined;
  /**
   * Which approved scopes cover one that is asked for: `implied`, as releases since 2026.3 have it, or `literal`, only
   * the very same, as those before. `implied` unless given.
   */
  readonly scopes?: 'implied' | 'literal' | undefined;
  /** Is told what failed while a connect was decided; the connect is held. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

export interface PairingHook {
  /**
   * Decides one connect, acts on the decision, and answers what the client is to be told. `record` is what the gateway
   * knows of the client, `deviceId`, `publicKey`, `role` and `scopes` at least; its word on `kind`, `isRepair` and
   * `silent` is not believed. Never rejects: whatever fails, the answer is to hold. `signal` tells that the client is gone.
   */
  onConnect(record: ConnectRecord, options?: OnConnectOptions): Promise<ConnectAnswer>;
  /** Counts of what has happened since the start, as they are when this is read. */
  readonly stats: HookStats;
  /** Answers those that wait, and resolves when all that was begun is written. */
  close(): Promise<void>;
}

export interface OnConnectOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Plain counts. */
export interface HookStats {
  /** Connects that wait for a decision now. */
  readonly waiting: number;
  /** Decisions, by what they came to; one that a connect gets twice in a row counts once. */
  readonly decided: Readonly<Record<Action, number>>;
  readonly admitted: number;
  readonly refused: number;
  /** Held connects for which there was no room to wait, or none for their request. */
  readonly turnedAway: number;
  /** Failures of the store, the policy, the limits or the log, and connects that cannot be. */
  readonly errors: number;
}

/** Makes the hook of a gateway that keeps its devices in `store`. */
export function createPairingHook(options: PairingHookOptions): PairingHook {
  const { policy, store } = options;
  const { surroundings, room } = surround(options);
  const inFlight = new Set<Promise<ConnectAnswer>>();
  const stopListening = [
    store.on('changed', ({ deviceIds }: StoreChange) => {
      if (deviceIds === 'all') room.changedForAll();
      else room.changed(deviceIds);
    }),
    ...('current' in policy ? [policy.on('reloaded', () => room.changedForAll())] : []),
  ];
  const close = async () => {
    surroundings.isClosing = true;
    room.endAll('closing');
    while (inFlight.size > 0) await Promise.all(inFlight);
    for (const stop of stopListening) stop();
  };
  let closed: Promise<void> | undefined;
  return {
    onConnect(record, given) {
      const answer = new Visit(surroundings).answer(record, given);
      inFlight.add(answer);
      void answer.then(() => inFlight.delete(answer));
      return answer;
    },
    get stats() {
      return { ...surroundings.counts, waiting: room.size };
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
}

const NOTHING_YET = { admitted: 0, refused: 0, turnedAway: 0, errors: 0 };
// OpenClaw's own client gives up 15 s after it has asked: a refusal that comes later is never read.
const DEFAULTS = { holdMs: 12_000, maxWaiting: 1_000, maxWaitingPerAddress: 100 };

function surround(options: PairingHookOptions) {
  const { policy, store, log, onError, now = Date.now } = options;
  const { limits = createMemoryLimits(), ownAddresses = createOwnAddresses() } = options;
  const { maxWaiting, maxWaitingPerAddress } = {
    maxWaiting: options.maxWaiting ?? DEFAULTS.maxWaiting,
    maxWaitingPerAddress: options.maxWaitingPerAddress ?? DEFAULTS.maxWaitingPerAddress,
  };
  const covers: CoversScope = options.scopes === 'literal' ? coversLiterally : scopeGrants;
  const room = new WaitingRoom({ maxWaiting, maxWaitingPerAddress });
  const surroundings: VisitSurroundings = {
    store,
    log,
    meter: options.meter,
    room,
    holdMs: options.holdMs ?? DEFAULTS.holdMs,
    decider: new LiveDecider({ policy, store, limits, now, ownAddresses, covers }),
    approvals: new Approvals(store, limits),
    grantable: new GrantableScopes(limits),
    identities: watchIdentities(store),
    isClosing: false,
    onError,
    counts: { decided: { approve: 0, hold: 0, deny: 0 }, ...NOTHING_YET },
  };
  return { surroundings, room };
}

/** Begins with those that wait already, so that a restart does not forget the client that asked before it. */
function watchIdentities(store: OwnPairingStore): IdentityWatch {
  const watch = new IdentityWatch();
  for (const { deviceId, ts, record } of [...store.allPending()].reverse()) {
    const { remoteIp, ...facts } = normaliseRecord(record);
    if (facts.isRepair === false) {
      watch.note({ ...facts, deviceId, remoteIp: remoteIp?.text, at: ts });
    }
  }
  return watch;
}
