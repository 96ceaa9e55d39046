/** What is known of a gateway's devices and requests: as its lists have it, and as its events change it. */
import { EventEmitter } from 'node:events';
import type { PairedDevice, PendingRequest, StoreEvents } from '../live/index.js';
import { fieldsOf, textOf } from './gateway-hello.js';
import type { GatewayLink, GatewayLinkEvents } from './gateway-link.js';
import { toRequest } from './gateway-rows.js';
import type { GrantDiffers } from './grant-guard.js';
import { readGatewayLists } from './read-gateway-lists.js';
import { WaitingRequests } from './waiting-requests.js';

/** What happens at the gateway, besides what every store tells. */
export interface GatewayStoreEvents extends StoreEvents {
  /** A request that is new or has changed. */
  readonly requested: {
    readonly request: PendingRequest;
    /** When the gateway told of it just now, by `performance.now()`; undefined where it was found in a list. */
    readonly heardAt: number | undefined;
  };
  /** A request is decided, by whomever. */
  readonly resolved: {
    readonly requestId: string;
    readonly deviceId: string | undefined;
    readonly decision: string | undefined;
  };
  readonly differs: GrantDiffers;
}

export interface GatewayViewOptions {
  /** ms since the epoch. */
  readonly now: () => number;
  /** Is waited for after each reading of what is paired, before the requests of that reading are told. */
  readonly onPaired: () => Promise<void>;
  /** Whether a request was decided by us: then what came of it is in the answer to us. */
  readonly isOurs: (requestId: string) => boolean;
}

/** Kept up to date until it is closed. */
export class GatewayView {
  readonly #link: GatewayLink;
  readonly #now: () => number;
  readonly #events = new EventEmitter();
  readonly #waiting: WaitingRequests;
  #paired: ReadonlyMap<string, PairedDevice> = new Map();
  readonly #options: GatewayViewOptions;
  #refreshing: Promise<void> | undefined;
  readonly #stop: () => void;

  constructor(link: GatewayLink, options: GatewayViewOptions) {
    const { now } = options;
    this.#link = link;
    this.#now = now;
    this.#options = options;
    this.#waiting = new WaitingRequests(now);
    this.#events.setMaxListeners(0);
    this.#stop = link.on('frame', (frame) => this.#take(frame));
  }

  paired(deviceId: string): PairedDevice | undefined {
    return this.#paired.get(deviceId.toLowerCase());
  }

  allPaired(): Iterable<PairedDevice> {
    return this.#paired.values();
  }

  pending(requestId: string): PendingRequest | undefined {
    const request = this.#waiting.find(requestId);
    return request && this.#waiting.isCurrent(request) ? request : undefined;
  }

  /** Those whose time is not over, the newest first. */
  allPending(): readonly PendingRequest[] {
    return this.#waiting.current();
  }

  /** Whether a request waits, also when its time is over. */
  isWaiting(requestId: string): boolean {
    return this.#waiting.find(requestId) !== undefined;
  }

  /** Whether the gateway has told just now that a request is so. */
  isFresh(request: PendingRequest): boolean {
    return this.#waiting.isFresh(request);
  }

  /** Takes a device for paired, as the gateway has said. */
  pair(device: PairedDevice): void {
    this.#paired = new Map(this.#paired).set(device.deviceId.toLowerCase(), device);
    this.emit('changed', { deviceIds: new Set([device.deviceId]) });
  }

  /** Takes a request for decided or gone. */
  drop(requestId: string): void {
    const known = this.#waiting.drop(requestId);
    if (known) this.emit('changed', { deviceIds: new Set([known.deviceId]) });
  }

  /** Reads both lists; calls that come meanwhile share the next reading, never one that began before them. */
  async refresh(): Promise<void> {
    if (this.#refreshing) await this.#refreshing.catch(() => undefined);
    this.#refreshing ??= this.#readLists().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  on<E extends keyof GatewayStoreEvents>(
    event: E,
    listener: (event: GatewayStoreEvents[E]) => void,
  ): () => void {
    this.#events.on(event, listener);
    return () => this.#events.off(event, listener);
  }

  emit<E extends keyof GatewayStoreEvents>(event: E, payload: GatewayStoreEvents[E]): void {
    this.#events.emit(event, payload);
  }

  close(): void {
    this.#stop();
  }

  #take({ event, payload, heardAt }: GatewayLinkEvents['frame']): void {
    if (event === 'device.pair.requested') this.#add(toRequest(payload, 'device'), heardAt);
    else if (event === 'node.pair.requested') this.#add(toRequest(payload, 'node'), heardAt);
    else if (event === 'device.pair.resolved' || event === 'node.pair.resolved') {
      this.#resolve(fieldsOf(payload));
    }
  }

  #resolve(fields: Readonly<Record<string, unknown>>): void {
    const requestId = textOf(fields['requestId']) ?? '';
    const deviceId = textOf(fields['deviceId']) ?? textOf(fields['nodeId']);
    this.drop(requestId);
    this.emit('resolved', { requestId, deviceId, decision: textOf(fields['decision']) });
    // What another has decided, and what it is paired as now, stands in no event.
    if (this.#options.isOurs(requestId)) return;
    void this.refresh().catch(() => undefined);
  }

  #add(request: PendingRequest | undefined, heardAt: number | undefined): void {
    if (!request || !this.#waiting.put(request)) return;
    this.emit('requested', { request, heardAt });
    this.emit('changed', { deviceIds: new Set([request.deviceId]) });
  }

  async #readLists(): Promise<void> {
    const askedAt = this.#now();
    const { paired, requests } = await readGatewayLists(this.#link);
    this.#paired = paired;
    for (const requestId of this.#waiting.missingIn(requests, askedAt)) this.drop(requestId);
    await this.#options.onPaired();
    for (const request of requests) {
      if (!this.#waiting.isGoneSince(request, askedAt)) this.#add(request, undefined);
    }
    this.emit('changed', { deviceIds: 'all' });
  }
}
