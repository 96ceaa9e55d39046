/** What is asked of a gateway, and what becomes of it, as lines of a recording. */
import type { PendingRequest } from '../live/index.js';
import type { Action, ConnectRecord } from '../model/index.js';
import type { GatewayKnowledge } from './gateway-knowledge.js';
import type { GatewayStore } from './gateway-store.js';
import { toConnectRecord } from './to-connect-record.js';

/** A connect with what became of it, whoever decided. */
export interface RecordedOutcome {
  readonly record: ConnectRecord;
  readonly context: {
    /** When it was heard of, in ms since the epoch. */
    readonly now: number;
    readonly ownAddresses?: readonly string[];
  };
  readonly outcome: Action;
}

export interface RecorderOptions {
  readonly store: GatewayStore;
  readonly knowledge: GatewayKnowledge;
  readonly write: (outcome: RecordedOutcome) => void;
  /** ms since the epoch. */
  readonly now?: () => number;
}

interface Open {
  readonly request: PendingRequest;
  readonly heardAt: number;
}

const OUTCOMES: Readonly<Record<string, Action>> = { approved: 'approve', rejected: 'deny' };

/** Follows each request until it is decided or gone. One that nobody decides was held. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #now: () => number;
  readonly #open = new Map<string, Open>();
  readonly #stop: readonly (() => void)[];

  constructor(options: RecorderOptions) {
    const { store, now = Date.now } = options;
    this.#options = options;
    this.#now = now;
    this.#stop = [
      store.on('requested', ({ request }) => this.#hear(request)),
      store.on('resolved', ({ requestId, decision }) => this.#end(requestId, decision)),
    ];
  }

  /** Reads what is pending; what is gone without a word was held. */
  async sweep(): Promise<void> {
    const { store } = this.#options;
    await store.refresh();
    for (const request of store.allPending()) this.#hear(request);
    for (const requestId of [...this.#open.keys()]) {
      if (!store.pending(requestId)) this.#end(requestId, undefined);
    }
  }

  /** How many requests wait for their end. Those that still wait when it is closed are heard of again at the next start. */
  get open(): number {
    return this.#open.size;
  }

  close(): void {
    for (const stop of this.#stop) stop();
  }

  #hear(request: PendingRequest): void {
    const heardAt = this.#open.get(request.requestId)?.heardAt ?? this.#now();
    this.#open.set(request.requestId, { request, heardAt });
  }

  #end(requestId: string, decision: string | undefined): void {
    const open = this.#open.get(requestId);
    if (!open) return;
    this.#open.delete(requestId);
    const { store, knowledge } = this.#options;
    const { request, heardAt } = open;
    const ownAddresses = knowledge.ownAddresses();
    // What was paired before the request was: an approval has changed it meanwhile, and the gateway's word is older.
    const isNew = request.store === 'device' && request.record.isRepair === false;
    const record = toConnectRecord(request, {
      settings: knowledge.settings,
      ownAddresses: knowledge.ownAddresses(),
      paired: isNew ? undefined : store.paired(request.deviceId),
      isLoopback: knowledge.isLoopback(request),
      gateway: knowledge.gateway,
    });
    this.#options.write({
      record,
      context: { now: heardAt, ...(ownAddresses && { ownAddresses }) },
      outcome: OUTCOMES[decision ?? ''] ?? 'hold',
    });
  }
}
