/** The pairing store of a running gateway, over its own protocol. */
import type { BlockList, PairedDevice, PairingStore, PendingRequest } from '../live/index.js';
import type { PairPolicyError } from '../model/index.js';
import { isSameRequest } from './compare-grant.js';
import {
  gatewayFailure,
  isUnknownRequest,
  notPaired,
  unknownDevice,
  unknownRequest,
} from './gateway-failure.js';
import { fieldsOf } from './gateway-hello.js';
import type { GatewayLink } from './gateway-link.js';
import { toPaired } from './gateway-rows.js';
import { type GatewayStoreEvents, GatewayView } from './gateway-view.js';
import { GrantGuard } from './grant-guard.js';

export interface GatewayStoreOptions {
  /**
   * Which devices are refused whatever the policy says: a file of ours, for a gateway has no such list. It is closed
   * with the store.
   */
  readonly blocks: BlockList & { close(): Promise<void> };
  /** ms since the epoch. */
  readonly now?: () => number;
}

/** So many requests that we have decided are remembered. */
const MAX_OURS = 1000;

/** A gateway's store, kept up to date by its events. */
export class GatewayStore implements PairingStore {
  readonly blocks: GatewayStoreOptions['blocks'];
  readonly #link: GatewayLink;
  readonly #now: () => number;
  readonly #view: GatewayView;
  readonly #guard: GrantGuard;
  /** The requests on which the gateway is being asked something. */
  readonly #isAsked = new Set<string>();
  /** Those, and the latest that it has decided as we asked. */
  readonly #ours = new Set<string>();

  constructor(link: GatewayLink, { blocks, now = Date.now }: GatewayStoreOptions) {
    this.#link = link;
    this.blocks = blocks;
    this.#now = now;
    this.#view = new GatewayView(link, {
      now,
      onPaired: () => this.#checkUnanswered(),
      isOurs: (requestId) => this.#ours.has(requestId),
    });
    this.#guard = new GrantGuard(link, now, (event) => this.#view.emit('differs', event));
  }

  paired(deviceId: string): PairedDevice | undefined {
    return this.#view.paired(deviceId);
  }

  allPaired(): Iterable<PairedDevice> {
    return this.#view.allPaired();
  }

  pending(requestId: string): PendingRequest | undefined {
    return this.#view.pending(requestId);
  }

  pendingOf(deviceId: string): readonly PendingRequest[] {
    const id = deviceId.toLowerCase();
    return this.allPending().filter((request) => request.deviceId.toLowerCase() === id);
  }

  allPending(): readonly PendingRequest[] {
    return this.#view.allPending();
  }

  /** `isStillMeant` is asked where the request had to be read again: meanwhile the policy may be another one. */
  async approve(
    request: PendingRequest,
    isStillMeant: () => boolean = () => true,
  ): Promise<PairedDevice> {
    if (!this.#view.isFresh(request)) {
      await this.#readAgain(request);
      if (!isStillMeant()) throw noLongerDecided(request.requestId);
    }
    const before = this.paired(request.deviceId);
    return request.store === 'device'
      ? this.#approveDevice(request, before)
      : this.#approveCommands(request, before);
  }

  async reject(request: PendingRequest): Promise<void> {
    const method = request.store === 'device' ? 'device.pair.reject' : 'node.pair.reject';
    await this.#decide(method, request);
    this.#view.drop(request.requestId);
  }

  async revoke(deviceId: string, role?: string): Promise<void> {
    await this.refresh();
    const device = this.paired(deviceId);
    if (!device || (role !== undefined && !device.roles.includes(role))) {
      throw unknownDevice(deviceId);
    }
    for (const request of role === undefined ? this.pendingOf(deviceId) : []) {
      await this.reject(request).catch((error) => {
        // One that is gone meanwhile is as good as rejected.
        if (!isUnknownRequest(error)) throw error;
      });
    }
    if (role !== undefined) {
      await this.#link.request('device.token.revoke', { deviceId: device.deviceId, role });
    } else await this.#remove(device);
    await this.refresh();
  }

  /** Reads what is paired and what waits, both anew. */
  refresh(): Promise<void> {
    return this.#view.refresh();
  }

  on<E extends keyof GatewayStoreEvents>(
    event: E,
    listener: (event: GatewayStoreEvents[E]) => void,
  ): () => void {
    return this.#view.on(event, listener);
  }

  async close(): Promise<void> {
    this.#view.close();
    await this.#link.close();
    await this.blocks.close();
  }

  async #approveDevice(
    request: PendingRequest,
    before: PairedDevice | undefined,
  ): Promise<PairedDevice> {
    this.#guard.expect(request, before);
    const answer = await this.#decide('device.pair.approve', request);
    this.#guard.answered(request.requestId);
    this.#view.drop(request.requestId);
    const answered = toPaired(fieldsOf(answer)['device']);
    const granted = await this.#guard.checkDevice(request, answered, before);
    const device = { ...granted, commands: before?.commands };
    this.#view.pair(device);
    return device;
  }

  async #approveCommands(
    request: PendingRequest,
    before: PairedDevice | undefined,
  ): Promise<PairedDevice> {
    this.#guard.expect(request, before);
    const answer = await this.#decide('node.pair.approve', request);
    this.#guard.answered(request.requestId);
    const answeredAt = this.#now();
    this.#view.drop(request.requestId);
    try {
      await this.#guard.checkNode(request, fieldsOf(answer)['node'], answeredAt);
    } finally {
      await this.refresh().catch(() => undefined);
    }
    const device = this.paired(request.deviceId) ?? before;
    if (!device) throw notPaired(request.deviceId);
    return device;
  }

  async #decide(method: string, { requestId }: PendingRequest): Promise<unknown> {
    this.#isAsked.add(requestId);
    this.#ours.add(requestId);
    const [oldest] = this.#ours;
    if (this.#ours.size > MAX_OURS && oldest !== undefined) this.#ours.delete(oldest);
    try {
      return await this.#link.request(method, { requestId });
    } catch (error) {
      this.#ours.delete(requestId);
      if (!/unknown requestId/i.test(String(error))) throw error;
      this.#guard.answered(requestId);
      this.#view.drop(requestId);
      // Another may have decided it: that was taken for our own doing.
      void this.refresh().catch(() => undefined);
      throw unknownRequest(requestId);
    } finally {
      this.#isAsked.delete(requestId);
    }
  }

  #checkUnanswered(): Promise<void> {
    return this.#guard.checkUnanswered(
      (requestId) => this.#isAsked.has(requestId),
      (deviceId) => this.paired(deviceId),
      (requestId) => this.#view.isWaiting(requestId),
    );
  }

  async #remove({ deviceId, commands }: PairedDevice): Promise<void> {
    await this.#link.request('device.pair.remove', { deviceId });
    // Newer releases keep the commands with the device, and have removed them with it.
    if (commands !== undefined && this.#link.hello?.methods.has('node.pair.remove')) {
      await this.#link.request('node.pair.remove', { nodeId: deviceId }).catch(() => undefined);
    }
  }

  async #readAgain(request: PendingRequest): Promise<void> {
    await this.refresh();
    const now = this.pending(request.requestId);
    if (!now) throw unknownRequest(request.requestId);
    if (!isSameRequest(now, request)) throw noLongerDecided(request.requestId);
  }
}

function noLongerDecided(requestId: string): PairPolicyError {
  return gatewayFailure(
    'REQUEST_CHANGED',
    requestId,
    'the request is no longer what was decided',
    'look at it again: `pair-policy devices`',
  );
}
