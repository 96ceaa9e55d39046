/** What sits beside a gateway: decides each of its requests by the policy, and has the decision acted on. */
import { EventEmitter } from 'node:events';
import {
  type Answered,
  type DecisionLog,
  GrantableScopes,
  type LimitKeeper,
  type LiveDecision,
  type LivePolicy,
  type PendingRequest,
} from '../live/index.js';
import { type Considered, isSameConsidered, type PairingAgentEvents } from './considered.js';
import { DecisionActor } from './decision-actor.js';
import { isGatewayError } from './gateway-failure.js';
import type { GatewayKnowledge } from './gateway-knowledge.js';
import type { GatewayStore } from './gateway-store.js';
import { takeDecision } from './take-decision.js';
import { toConnectRecord } from './to-connect-record.js';

export interface PairingAgentOptions {
  readonly store: GatewayStore;
  readonly policy: Pick<LivePolicy, 'current' | 'generation' | 'on'>;
  readonly limits: LimitKeeper;
  readonly log: Pick<DecisionLog, 'decided'>;
  /** What is known of the gateway besides. */
  readonly knowledge: GatewayKnowledge;
  /** The scopes of our own login; undefined where they are not known. */
  readonly held: () => ReadonlySet<string> | undefined;
  /** Decides and tells, and acts on nothing. */
  readonly shadow?: boolean;
  /** How long a request for commands is left to settle before it is decided, in ms. */
  readonly settleMs?: number;
  /** ms since the epoch. */
  readonly now?: () => number;
}

/** When a gateway is asked again that was not able to answer, in ms. */
const ASK_AGAIN_MS = 500;

/** How long a node is left to publish what it can do, in ms. */
const SETTLE_MS = 100;

/** Decides by a policy on the requests of one gateway, until it is closed. */
export class PairingAgent {
  readonly #options: PairingAgentOptions;
  readonly #now: () => number;
  readonly #events = new EventEmitter();
  readonly #actor: DecisionActor;
  readonly #grantable: GrantableScopes;
  /** What was decided last on each request that still waits. */
  readonly #decided = new Map<string, Considered>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #stop: readonly (() => void)[];
  #isClosed = false;
  #isPaused = false;

  constructor(options: PairingAgentOptions) {
    const { store, policy, now = Date.now } = options;
    this.#options = options;
    this.#now = now;
    this.#grantable = new GrantableScopes(options.limits);
    this.#actor = new DecisionActor({
      ...options,
      now,
      isStillMeant: (considered) => this.#isStillMeant(considered),
      again: (requestId, ms) => this.#later(requestId, ms),
      changed: (requestId) => queueMicrotask(() => this.#considerKnown(requestId)),
      emit: (event, payload) => this.#emit(event, payload),
    });
    this.#stop = [
      store.on('requested', ({ request, heardAt }) => this.#hear(request, heardAt)),
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
    for (const request of pending) this.#consider(request);
  }

  /** Decides again on one request, of which something more is known now: on what it is when that is asked. */
  async reconsider(requestId: string): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.#options.store.refresh();
    } catch (error) {
      // One that is not able to answer is asked again; the return of one that is gone brings us back.
      if (isGatewayError(error)) this.#later(requestId, ASK_AGAIN_MS);
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

  /** Decides on what was told just now at once, unless more must be known first. */
  #hear(request: PendingRequest, heardAt: number | undefined): void {
    const { requestId, store, deviceId, record } = request;
    const { settleMs = SETTLE_MS, store: devices } = this.#options;
    if (heardAt === undefined) this.#consider(request);
    // A node is still publishing what it can do; what it publishes while it is approved would be lost.
    else if (store === 'node') this.#later(requestId, settleMs);
    // Whether a device is paired, and as what, is known from lists; where there is a doubt, the newest is read.
    else if (record.isRepair !== false || devices.paired(deviceId)) void this.reconsider(requestId);
    else this.#consider(request, heardAt);
  }

  #considerKnown(requestId: string): void {
    const request = this.#options.store.pending(requestId);
    if (request) this.#consider(request);
  }

  #consider(request: PendingRequest, heardAt?: number): void {
    const { requestId } = request;
    if (this.#isClosed || this.#isPaused || this.#actor.isActing(requestId)) return;
    const considered = this.#decide(request);
    const before = this.#decided.get(requestId);
    const isNews = !before || !isSameConsidered(before, considered);
    // First what somebody waits for.
    if (!this.#options.shadow) this.#actor.act(considered, { isNews, heardAt });
    this.#decided.set(requestId, considered);
    if (isNews) this.#tell(considered);
  }

  /** The room that the approval itself has taken is no reason against it. */
  #isStillMeant({ request, decision: before }: Considered): boolean {
    if (this.#isClosed || this.#isPaused) return false;
    const { decision: now } = this.#decide(request);
    const isOwnCharge = now.cause === 'limit' && before.charge !== undefined;
    return (now.action === 'approve' || isOwnCharge) && now.rule === before.rule;
  }

  #decide(request: PendingRequest): Considered {
    const { store, policy, limits, knowledge } = this.#options;
    const record = toConnectRecord(request, {
      settings: knowledge.settings,
      ownAddresses: knowledge.ownAddresses(),
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

  #later(requestId: string, ms: number): void {
    if (this.#timers.has(requestId) || this.#isClosed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(requestId);
      void this.reconsider(requestId);
    }, ms);
    this.#timers.set(requestId, timer);
  }

  /** Writes the decision down and tells of it. */
  #tell(considered: Considered): void {
    const { request, record, context, decision } = considered;
    const { requestId } = request;
    const { action: outcome } = decision;
    const answered = this.#options.shadow ? 'waiting' : ANSWERED[outcome];
    this.#options.log.decided({ record, context, decision, outcome, requestId, answered });
    const { kind } = considered.circumstances.facts;
    const policy = this.#options.policy.current;
    const grantable = this.#grantable.of({ ...considered, policy, kind });
    this.#emit('decided', { ...considered, grantable });
  }

  #forget(requestId: string): void {
    this.#decided.delete(requestId);
    this.#actor.forget(requestId);
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
