/** What was decided, acted on at the gateway: never twice, with no more authority than we hold, and again where it could not answer. */
import type { LimitKeeper, LivePolicy, PairedDevice } from '../live/index.js';
import { PairPolicyError } from '../model/index.js';
import type { Considered, PairingAgentEvents } from './considered.js';
import { gatewayFailure } from './gateway-failure.js';
import type { GatewayKnowledge } from './gateway-knowledge.js';
import type { GatewayStore } from './gateway-store.js';
import { lackingScopes } from './needed-scopes.js';
import { RejectBackoff } from './reject-backoff.js';

export interface DecisionActorOptions {
  readonly store: GatewayStore;
  readonly policy: Pick<LivePolicy, 'current'>;
  readonly limits: LimitKeeper;
  readonly knowledge: GatewayKnowledge;
  /** The scopes of our own login; undefined where they are not known. */
  readonly held: () => ReadonlySet<string> | undefined;
  /** ms since the epoch. */
  readonly now: () => number;
  /** Decides again where the approval had to wait before it was sent. */
  readonly isStillMeant: (considered: Considered) => boolean;
  /** Has a request decided anew after so many ms. */
  readonly again: (requestId: string, ms: number) => void;
  /** Has a request decided anew that was another when it came to acting. */
  readonly changed: (requestId: string) => void;
  readonly emit: <E extends 'approved' | 'rejected' | 'failed'>(
    event: E,
    payload: PairingAgentEvents[E],
  ) => void;
}

export interface ActHow {
  /** Whether it was not decided so before. */
  readonly isNews: boolean;
  /** When the gateway told of the request just now, by `performance.now()`. */
  readonly heardAt: number | undefined;
}

/** How often the gateway is asked again while it is not able to answer, and how long is waited, in ms. */
const RETRIES_MS = [500, 2000, 8000];

/** Approves and rejects; what is held is left alone. */
export class DecisionActor {
  readonly #options: DecisionActorOptions;
  /** The requests that are being acted on: none is approved twice. */
  readonly #acting = new Set<string>();
  readonly #retries = new Map<string, number>();
  readonly #backoff: RejectBackoff;

  constructor(options: DecisionActorOptions) {
    this.#options = options;
    this.#backoff = new RejectBackoff(options.now);
  }

  isActing(requestId: string): boolean {
    return this.#acting.has(requestId);
  }

  act(considered: Considered, how: ActHow): void {
    const { action } = considered.decision;
    if (action === 'approve') this.#approve(considered, how);
    else if (action === 'deny') this.#reject(considered);
  }

  forget(requestId: string): void {
    this.#retries.delete(requestId);
  }

  #approve(considered: Considered, { isNews, heardAt }: ActHow): void {
    const { request, circumstances } = considered;
    const { store, held, knowledge, emit, isStillMeant } = this.#options;
    const scopes = held();
    const lacking = scopes
      ? lackingScopes(request, circumstances.facts, scopes, knowledge.settings.version)
      : [];
    if (lacking.length > 0) {
      const error = lacksAuthority(request.requestId, lacking);
      if (isNews) emit('failed', { ...considered, error });
      return;
    }
    this.#acting.add(request.requestId);
    const approving = store.approve(request, () => isStillMeant(considered));
    // What is measured ends where the approval is handed to the socket, which `approve` does before it first waits.
    const tookMs = heardAt === undefined ? undefined : performance.now() - heardAt;
    this.#charge(considered);
    const meant = approving.then((device) => this.#unlessBlocked(considered, device));
    void this.#finish(considered, meant, (device) =>
      emit('approved', { ...considered, device, tookMs }),
    );
  }

  /** Who was blocked while the approval was under way is taken out again: a gateway has no list of its own. */
  async #unlessBlocked(
    { record, request }: Considered,
    device: PairedDevice,
  ): Promise<PairedDevice> {
    const { store } = this.#options;
    if (!store.blocks.find(record)) return device;
    await store.revoke(request.deviceId);
    throw blockedMeanwhile(request.requestId);
  }

  #reject(considered: Considered): void {
    const { requestId, deviceId } = considered.request;
    const { again, store, emit } = this.#options;
    const wait = this.#backoff.waitFor(deviceId);
    if (wait > 0) {
      again(requestId, wait);
      return;
    }
    this.#acting.add(requestId);
    this.#backoff.note(deviceId);
    void this.#finish(considered, store.reject(considered.request), () =>
      emit('rejected', considered),
    );
  }

  /** Waits for what was begun, tells what became of it, and tries again where the gateway was not able to answer. */
  async #finish<T>(
    considered: Considered,
    action: Promise<T>,
    then: (value: T) => void,
  ): Promise<void> {
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

  #fail(considered: Considered, error: unknown): void {
    const { requestId } = considered.request;
    const { store, changed, again, emit } = this.#options;
    const failure = error instanceof PairPolicyError ? error : unexpected(requestId, error);
    const code = failure.problems[0]?.code;
    // Decided by another, gone with the connection, or to be decided anew as it is now: a list or an event follows.
    if (code === 'UNKNOWN_REQUEST') return;
    if (code === 'REQUEST_CHANGED' && store.pending(requestId)) {
      changed(requestId);
      return;
    }
    const attempt = this.#retries.get(requestId) ?? 0;
    const wait = code === 'GATEWAY_ERROR' ? RETRIES_MS[attempt] : undefined;
    if (wait !== undefined) {
      this.#retries.set(requestId, attempt + 1);
      again(requestId, wait);
    }
    emit('failed', { ...considered, error: failure });
  }

  /** The room that the approval takes counts from now on; a gateway cannot be asked to wait for a disk. */
  #charge({ decision }: Considered): void {
    const { charge, rule } = decision;
    const limit = this.#options.policy.current.document.rules.find(({ id }) => id === rule)?.limit;
    if (!charge || !limit) return;
    this.#options.limits.charge(charge, limit).catch(() => {
      // The limit file reports it itself.
    });
  }
}

function lacksAuthority(requestId: string, lacking: readonly string[]): PairPolicyError {
  return gatewayFailure(
    'GATEWAY_SCOPE',
    requestId,
    `not approved: our own login lacks ${lacking.join(', ')}`,
    'log in with the shared token or password over loopback, or with a device that has them',
  );
}

function blockedMeanwhile(requestId: string): PairPolicyError {
  return gatewayFailure(
    'DEVICE_BLOCKED',
    requestId,
    'the device was blocked while it was approved; it was removed again',
    '`pair-policy unblock` it first, if it is to be let in',
  );
}

function unexpected(requestId: string, error: unknown): PairPolicyError {
  const message = error instanceof Error ? error.message : String(error);
  return gatewayFailure(
    'INTERNAL',
    requestId,
    message,
    'this is a defect of pair-policy: please report it',
  );
}
