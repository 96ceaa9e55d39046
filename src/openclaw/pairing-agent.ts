/** What sits beside a gateway: decides each of its requests by the policy, and acts on the decision. */
import { EventEmitter } from 'node:events';
import type {
  Answered,
  DecisionLog,
  LimitKeeper,
  LiveDecision,
  LivePolicy,
  LoggedContext,
  PairedDevice,
  PendingRequest,
} from '../live/index.js';
import { type ConnectRecord, PairPolicyError, startOf } from '../model/index.js';
import type { GatewayKnowledge } from './gateway-knowledge.js';
import type { GatewayStore } from './gateway-store.js';
import { lackingScopes } from './needed-scopes.js';
import { RejectBackoff } from './reject-backoff.js';
import { takeDecision } from './take-decision.js';
import { toConnectRecord } from './to-connect-record.js';

export interface PairingAgentOptions {
  readonly store: GatewayStore;
  readonly policy: LivePolicy;
  readonly limits: LimitKeeper;
  readonly log: Pick<DecisionLog, 'decided'>;
  /** What is known of the gateway besides. */
  readonly knowledge: GatewayKnowledge;
  /** The scopes of our own login; undefined where they are not known. */
  readonly held: () => ReadonlySet<string> | undefined;
  /** Decides and tells, and acts on nothing. */
  readonly shadow?: boolean;
  /** How long a request for commands is left to settle before it is approved, in ms. */
  readonly settleMs?: number;
  /** ms since the epoch. */
  readonly now?: () => number;
}

/** One decision, with the request that it is on. */
export interface Considered {
  readonly request: PendingRequest;
  readonly record: ConnectRecord;
  readonly decision: LiveDecision;
}

export interface PairingAgentEvents {
  /** A request was decided for the first time, or otherwise than before. */
  readonly decided: Considered;
  readonly approved: Considered & {
    readonly device: PairedDevice;
    /** From the gateway's word of the request to the approval on the wire, in ms; only for fresh ones. */
    readonly tookMs: number | undefined;
  };
  readonly rejected: Considered;
  /** What was decided could not be done. */
  readonly failed: Considered & { readonly error: PairPolicyError };
}

/** How long a node is left to publish what it can do, in ms. */
const SETTLE_MS = 100;

/** A decision with what it was taken with. */
interface Taken extends Considered {
  readonly context: LoggedContext;
}

/** How often the gateway is asked again while it is not able to answer, and how long is waited, in ms. */
const RETRIES_MS = [500, 2000, 8000];

/** Decides by a policy on the requests of one gateway, until it is closed. */
export class PairingAgent {
  readonly #options: PairingAgentOptions;
  readonly #now: () => number;
  readonly #events = new EventEmitter();
  /** What was decided last on each request that still waits. */
  readonly #decided = new Map<string, Considered>();
  /** The requests that are being acted on: none is approved twice. */
  readonly #acting = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #retries = new Map<string, number>();
  readonly #backoff: RejectBackoff;
  readonly #stop: readonly (() => void)[];
  #isClosed = false;
  #isPaused = false;

  constructor(options: PairingAgentOptions) {
    const { store, policy, now = Date.now } = options;
    this.#options = options;
    this.#now = now;
    this.#backoff = new RejectBackoff(now);
    this.#stop = [
      store.on('requested', ({ request, fresh }) => this.#consider(request, fresh)),
      store.on('resolved', ({ requestId }) => this.#forget(requestId)),
      policy.on('reloaded', () => void this.considerAll()),
    ];
  }

  /** Reads what is pending and decides on all of it: at the start, after each reconnect, and from time to time. */
  async considerAll(): Promise<void> {
    const { store } = this.#options;
    try {
      await store.refresh();
    } catch {
      // Without the gateway there is nothing to act on; its return brings us back here.
      return;
    }
    const pending = store.allPending();
    const ids = new Set(pending.map(({ requestId }) => requestId));
    for (const requestId of [...this.#decided.keys()]) {
      if (!ids.has(requestId)) this.#forget(requestId);
    }
    for (const request of pending) this.#consider(request, false);
  }

  /** Decides again on one request, of which something more is known now: on what it is when that is asked. */
  async reconsider(requestId: string): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.#options.store.refresh();
    } catch {
      // As above.
      return;
    }
    this.#considerKnown(requestId);
  }

  on<E extends keyof PairingAgentEvents>(
    event: E,
    listener: (event: PairingAgentEvents[E]) => void,
  ): () => void {
    this.#events.on(event, listener);
    return () => this.#events.off(event, listener);
  }

  /** Considers nothing until `resume`: what is not known yet could make an address believed. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
  }

  /** Acts on nothing any more. */
  close(): void {
    this.#isClosed = true;
    for (const stop of this.#stop) stop();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #consider(request: PendingRequest, fresh: boolean): void {
    const { requestId } = request;
    if (this.#isClosed || this.#isPaused || this.#acting.has(requestId)) return;
    // Whether a device is paired, and as what, is known from lists; a request that says it is wants the newest.
    if (fresh && request.record.isRepair !== false && request.store === 'device') {
      void this.reconsider(requestId);
      return;
    }
    const heardAt = fresh ? performance.now() : undefined;
    const taken = this.#decide(request);
    if (!this.#options.shadow) this.#act(taken, heardAt);
    this.#tell(taken);
  }

  #considerKnown(requestId: string): void {
    const request = this.#options.store.pending(requestId);
    if (request) this.#consider(request, false);
  }

  #decide(request: PendingRequest): Taken {
    const { store, policy, limits, knowledge } = this.#options;
    const record = toConnectRecord(request, {
      settings: knowledge.settings,
      paired: store.paired(request.deviceId),
      isLoopback: knowledge.isLoopback(request),
      gateway: knowledge.gateway,
    });
    const taken = takeDecision(policy, record, limits, {
      now: this.#now(),
      ownAddresses: knowledge.ownAddresses(),
      isBlocked: store.blocks.find(record) !== undefined,
    });
    return { request, record, ...taken };
  }

  #act(taken: Taken, heardAt: number | undefined): void {
    if (taken.decision.action === 'approve') this.#approve(taken, heardAt);
    else if (taken.decision.action === 'deny') this.#reject(taken);
  }

  #approve(considered: Taken, heardAt: number | undefined): void {
    const { request } = considered;
    const { store, settleMs = SETTLE_MS } = this.#options;
    if (request.store === 'node' && heardAt !== undefined) {
      // A node is still publishing what it can do; what it publishes meanwhile would be lost.
      this.#later(request.requestId, settleMs);
      return;
    }
    const { held, knowledge } = this.#options;
    const scopes = held();
    const lacking = scopes ? lackingScopes(request, scopes, knowledge.settings.version) : [];
    if (lacking.length > 0) {
      const before = this.#decided.get(request.requestId)?.decision;
      if (before && isSameDecision(before, considered.decision)) return;
      this.#emit('failed', { ...considered, error: lacksAuthority(request.requestId, lacking) });
      return;
    }
    this.#acting.add(request.requestId);
    const approving = store.approve(request);
    // What is measured ends where the approval is handed to the socket, which `approve` does before it first waits.
    const tookMs = heardAt === undefined ? undefined : performance.now() - heardAt;
    this.#charge(considered);
    const meant = approving.then((device) => this.#unlessBlocked(considered, device));
    void this.#finish(considered, meant, (device) =>
      this.#emit('approved', { ...considered, device, tookMs }),
    );
  }

  /** Who was blocked while the approval was under way is taken out again: a gateway has no list of its own. */
  async #unlessBlocked({ record, request }: Taken, device: PairedDevice): Promise<PairedDevice> {
    const { store } = this.#options;
    if (!store.blocks.find(record)) return device;
    await store.revoke(request.deviceId);
    throw blockedMeanwhile(request.requestId);
  }

  #reject(considered: Taken): void {
    const { request } = considered;
    const wait = this.#backoff.waitFor(request.deviceId);
    if (wait > 0) {
      this.#later(request.requestId, wait);
      return;
    }
    this.#acting.add(request.requestId);
    this.#backoff.note(request.deviceId);
    void this.#finish(considered, this.#options.store.reject(request), () =>
      this.#emit('rejected', considered),
    );
  }

  /** Waits for what was begun, tells what became of it, and tries again where the gateway was not able to answer. */
  async #finish<T>(considered: Taken, action: Promise<T>, then: (value: T) => void): Promise<void> {
    const { requestId } = considered.request;
    try {
      then(await action);
      this.#retries.delete(requestId);
    } catch (error) {
      this.#fail(considered, error);
    } finally {
      this.#acting.delete(requestId);
    }
  }

  #fail(considered: Taken, error: unknown): void {
    const { requestId } = considered.request;
    const failure = error instanceof PairPolicyError ? error : unexpected(requestId, error);
    const code = failure.problems[0]?.code;
    // Decided by another, gone with the connection, or to be decided anew as it is now: a list or an event follows.
    if (code === 'UNKNOWN_REQUEST') return;
    if (code === 'REQUEST_CHANGED' && this.#options.store.pending(requestId)) {
      queueMicrotask(() => this.#considerKnown(requestId));
      return;
    }
    const attempt = this.#retries.get(requestId) ?? 0;
    const wait = code === 'GATEWAY_ERROR' ? RETRIES_MS[attempt] : undefined;
    if (wait !== undefined) {
      this.#retries.set(requestId, attempt + 1);
      this.#later(requestId, wait);
    }
    this.#emit('failed', { ...considered, error: failure });
  }

  /** The room that the approval takes counts from now on; a gateway cannot be asked to wait for a disk. */
  #charge({ decision }: Taken): void {
    const { charge, rule } = decision;
    const limit = this.#options.policy.current.document.rules.find(({ id }) => id === rule)?.limit;
    if (!charge || !limit) return;
    this.#options.limits.charge(charge, limit).catch(() => {
      // The limit file reports it itself.
    });
  }

  #later(requestId: string, ms: number): void {
    if (this.#timers.has(requestId) || this.#isClosed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(requestId);
      void this.reconsider(requestId);
    }, ms);
    this.#timers.set(requestId, timer);
  }

  /** Writes the decision down and tells of it, unless it is the one that was told before. */
  #tell(taken: Taken): void {
    const { request, record, context, decision } = taken;
    const { requestId } = request;
    const before = this.#decided.get(requestId)?.decision;
    this.#decided.set(requestId, taken);
    if (before && isSameDecision(before, decision)) return;
    const { action: outcome } = decision;
    const answered = this.#options.shadow ? 'waiting' : ANSWERED[outcome];
    this.#options.log.decided({ record, context, decision, outcome, requestId, answered });
    this.#emit('decided', taken);
  }

  #forget(requestId: string): void {
    this.#decided.delete(requestId);
    this.#retries.delete(requestId);
    clearTimeout(this.#timers.get(requestId));
    this.#timers.delete(requestId);
  }

  #emit<E extends keyof PairingAgentEvents>(event: E, payload: PairingAgentEvents[E]): void {
    this.#events.emit(event, payload);
  }
}

const ANSWERED: Readonly<Record<LiveDecision['action'], Answered>> = {
  approve: 'admitted',
  hold: 'waiting',
  deny: 'refused',
};

function lacksAuthority(requestId: string, lacking: readonly string[]): PairPolicyError {
  const message = `not approved: our own login lacks ${lacking.join(', ')}`;
  const hint =
    'log in with the shared token or password over loopback, or with a device that has them';
  return new PairPolicyError([
    { ...startOf(requestId), severity: 'error', code: 'GATEWAY_SCOPE', message, hint },
  ]);
}

function blockedMeanwhile(requestId: string): PairPolicyError {
  const message = 'the device was blocked while it was approved; it was removed again';
  const hint = '`pair-policy unblock` it first, if it is to be let in';
  return new PairPolicyError([
    { ...startOf(requestId), severity: 'error', code: 'DEVICE_BLOCKED', message, hint },
  ]);
}

function unexpected(requestId: string, error: unknown): PairPolicyError {
  const message = error instanceof Error ? error.message : String(error);
  const hint = 'this is a defect of pair-policy: please report it';
  return new PairPolicyError([
    { ...startOf(requestId), severity: 'error', code: 'INTERNAL', message, hint },
  ]);
}

function isSameDecision(a: LiveDecision, b: LiveDecision): boolean {
  return (
    a.action === b.action && a.rule === b.rule && a.cause === b.cause && a.revision === b.revision
  );
}
