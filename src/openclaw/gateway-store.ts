/** The pairing store of a running gateway, over its own protocol. */
import { EventEmitter } from 'node:events';
import type {
  BlockList,
  PairedDevice,
  PairingStore,
  PendingRequest,
  StoreEvents,
} from '../live/index.js';
import { PairPolicyError, type ProblemCode, startOf } from '../model/index.js';
import { compareCommands, compareGrant, isSameRequest } from './compare-grant.js';
import { fieldsOf, textOf } from './gateway-hello.js';
import type { GatewayLink } from './gateway-link.js';
import { toPaired, toRequest } from './gateway-rows.js';

export interface GatewayStoreOptions {
  /**
   * Which devices are refused whatever the policy says: a file of ours, for a gateway has no such list. It is closed
   * with the store.
   */
  readonly blocks: BlockList & { close(): Promise<void> };
  /** ms since the epoch. */
  readonly now?: () => number;
}

/** What happens at the gateway, besides what every store tells. */
export interface GatewayStoreEvents extends StoreEvents {
  /** A request that is new or has changed; `fresh` says that the gateway has told it just now. */
  readonly requested: { readonly request: PendingRequest; readonly fresh: boolean };
  /** A request is decided, by whomever. */
  readonly resolved: {
    readonly requestId: string;
    readonly deviceId: string | undefined;
    readonly decision: string | undefined;
  };
  /** A device was paired otherwise than it was decided, and what was done about it. */
  readonly differs: {
    readonly request: PendingRequest;
    readonly differences: readonly string[];
    readonly removed: boolean;
    /** How long it was paired, in ms: from the gateway's answer to the end of its removal. */
    readonly pairedMs: number;
  };
}

/** How long what a gateway has told counts as read just now, in ms. A request that is older is read again. */
const FRESH_MS = 50;

/** So many requests that are gone are remembered. */
const MAX_DROPPED = 1000;

/** A gateway's store, kept up to date by its events. */
export class GatewayStore implements PairingStore {
  readonly blocks: GatewayStoreOptions['blocks'];
  readonly #link: GatewayLink;
  readonly #now: () => number;
  readonly #events = new EventEmitter();
  readonly #pending = new Map<
    string,
    { readonly request: PendingRequest; readonly readAt: number }
  >();
  #paired: ReadonlyMap<string, PairedDevice> = new Map();
  /** When requests were decided or gone, the latest of them. */
  readonly #dropped = new Map<string, number>();
  /** Approvals that the gateway has not answered yet; the answer may be lost with the connection. */
  readonly #unanswered = new Map<
    string,
    { readonly request: PendingRequest; readonly before: PairedDevice | undefined }
  >();
  /** The requests on which the gateway is being asked something. */
  readonly #isAsked = new Set<string>();
  #refreshing: Promise<void> | undefined;
  readonly #stop: readonly (() => void)[];

  constructor(link: GatewayLink, { blocks, now = Date.now }: GatewayStoreOptions) {
    this.#link = link;
    this.blocks = blocks;
    this.#now = now;
    this.#events.setMaxListeners(0);
    this.#stop = [link.on('frame', ({ event, payload }) => this.#take(event, payload))];
  }

  paired(deviceId: string): PairedDevice | undefined {
    return this.#paired.get(deviceId.toLowerCase());
  }

  allPaired(): Iterable<PairedDevice> {
    return this.#paired.values();
  }

  pending(requestId: string): PendingRequest | undefined {
    const request = this.#pending.get(requestId)?.request;
    return request && this.#isCurrent(request) ? request : undefined;
  }

  pendingOf(deviceId: string): readonly PendingRequest[] {
    const id = deviceId.toLowerCase();
    return this.allPending().filter((request) => request.deviceId.toLowerCase() === id);
  }

  allPending(): readonly PendingRequest[] {
    return [...this.#pending.values()]
      .map(({ request }) => request)
      .filter((request) => this.#isCurrent(request))
      .sort((a, b) => b.ts - a.ts);
  }

  async approve(request: PendingRequest): Promise<PairedDevice> {
    if (!this.#isFresh(request)) await this.#readAgain(request);
    const before = this.paired(request.deviceId);
    return request.store === 'device'
      ? this.#approveDevice(request, before)
      : this.#approveCommands(request, before);
  }

  async reject(request: PendingRequest): Promise<void> {
    const method = request.store === 'device' ? 'device.pair.reject' : 'node.pair.reject';
    await this.#decide(method, request);
    this.#drop(request.requestId);
  }

  async revoke(deviceId: string, role?: string): Promise<void> {
    await this.refresh();
    const device = this.paired(deviceId);
    if (!device || (role !== undefined && !device.roles.includes(role))) {
      throw failure(
        'UNKNOWN_DEVICE',
        deviceId,
        'there is no such device, or it does not have this role',
        'list them: `pair-policy devices`',
      );
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

  async close(): Promise<void> {
    for (const stop of this.#stop) stop();
    await this.#link.close();
    await this.blocks.close();
  }

  async #approveDevice(
    request: PendingRequest,
    before: PairedDevice | undefined,
  ): Promise<PairedDevice> {
    this.#unanswered.set(request.requestId, { request, before });
    const answer = await this.#decide('device.pair.approve', request);
    this.#unanswered.delete(request.requestId);
    const granted = toPaired(fieldsOf(answer)['device']);
    const differences = granted
      ? compareGrant(request, granted, before)
      : ['the gateway did not say what it paired'];
    this.#drop(request.requestId);
    if (granted && differences.length === 0) {
      const device = { ...granted, commands: before?.commands };
      this.#paired = new Map(this.#paired).set(granted.deviceId.toLowerCase(), device);
      this.#emit('changed', { deviceIds: new Set([granted.deviceId]) });
      return device;
    }
    const removed = await this.#takeBack(request, granted, differences);
    const deviceId = granted?.deviceId ?? request.deviceId;
    const outcome = removed
      ? 'it was removed again'
      : 'IT COULD NOT BE REMOVED: remove it at the gateway by hand';
    throw failure(
      'REQUEST_CHANGED',
      request.requestId,
      `the gateway paired otherwise than was decided (${differences.join('; ')}); ${outcome}`,
      removed ? 'the device may ask again' : `\`openclaw devices remove ${deviceId}\``,
    );
  }

  async #approveCommands(
    request: PendingRequest,
    before: PairedDevice | undefined,
  ): Promise<PairedDevice> {
    const answer = await this.#decide('node.pair.approve', request);
    const answeredAt = this.#now();
    this.#drop(request.requestId);
    await this.refresh();
    const device = this.paired(request.deviceId) ?? before;
    const differences = compareCommands(request, fieldsOf(answer)['node']);
    if (differences.length > 0) await this.#takeBackNode(request, differences, answeredAt);
    if (!device) {
      throw failure(
        'UNKNOWN_DEVICE',
        request.deviceId,
        'the node is not paired',
        'approve its device first',
      );
    }
    return device;
  }

  /** A node may have changed what it asks for since it was decided, under the same id. */
  async #takeBackNode(
    request: PendingRequest,
    differences: readonly string[],
    answeredAt: number,
  ): Promise<never> {
    const { deviceId } = request;
    const removed = await this.#link
      .request('node.pair.remove', { nodeId: deviceId })
      .then(() => true)
      .catch(() => this.#undo(deviceId, ['node']));
    const pairedMs = this.#now() - answeredAt;
    this.#emit('differs', { request, differences, removed, pairedMs });
    await this.refresh().catch(() => undefined);
    throw failure(
      'REQUEST_CHANGED',
      request.requestId,
      `the gateway approved otherwise than was decided (${differences.join('; ')})`,
      removed
        ? 'the node was removed, and may ask again'
        : `remove it by hand: \`openclaw nodes remove ${deviceId}\``,
    );
  }

  async #decide(method: string, { requestId }: PendingRequest): Promise<unknown> {
    this.#isAsked.add(requestId);
    try {
      return await this.#link.request(method, { requestId });
    } catch (error) {
      if (!/unknown requestId/i.test(String(error))) throw error;
      this.#unanswered.delete(requestId);
      this.#drop(requestId);
      throw unknownRequest(requestId);
    } finally {
      this.#isAsked.delete(requestId);
    }
  }

  /** Takes back what was paired otherwise than it was decided, and tells of it. */
  async #takeBack(
    request: PendingRequest,
    granted: PairedDevice | undefined,
    differences: readonly string[],
  ): Promise<boolean> {
    const begunAt = this.#now();
    const removed = await this.#undo(granted?.deviceId ?? request.deviceId, granted?.roles ?? []);
    const pairedMs = this.#now() - begunAt;
    this.#emit('differs', { request, differences, removed, pairedMs });
    return removed;
  }

  /** An approval whose answer was lost may have been carried out: then what came of it is compared now. */
  async #compareUnanswered(): Promise<void> {
    for (const [requestId, { request, before }] of [...this.#unanswered]) {
      if (this.#isAsked.has(requestId)) continue;
      this.#unanswered.delete(requestId);
      const granted = this.paired(request.deviceId);
      if (this.#pending.has(requestId) || !granted) continue;
      // What was paired before, and is as it was, was not paired by this.
      if (granted.approvedAtMs !== undefined && granted.approvedAtMs === before?.approvedAtMs) {
        continue;
      }
      const differences = compareGrant(request, granted, before);
      if (differences.length > 0) await this.#takeBack(request, granted, differences);
    }
  }

  /** Takes back a pairing by whatever this release offers; tells whether the device is gone. */
  async #undo(deviceId: string, roles: readonly string[]): Promise<boolean> {
    try {
      await this.#link.request('device.pair.remove', { deviceId });
      return true;
    } catch {
      // 2026.1.30 cannot remove; without tokens the device at least gets in by none.
      for (const role of roles) {
        await this.#link.request('device.token.revoke', { deviceId, role }).catch(() => undefined);
      }
      return false;
    }
  }

  async #remove({ deviceId, commands }: PairedDevice): Promise<void> {
    await this.#link.request('device.pair.remove', { deviceId });
    // Newer releases keep the commands with the device, and have removed them with it.
    if (commands !== undefined && this.#link.hello?.methods.has('node.pair.remove')) {
      await this.#link.request('node.pair.remove', { nodeId: deviceId }).catch(() => undefined);
    }
  }

  #take(event: string, payload: unknown): void {
    if (event === 'device.pair.requested') this.#add(toRequest(payload, 'device'), true);
    else if (event === 'node.pair.requested') this.#add(toRequest(payload, 'node'), true);
    else if (event === 'device.pair.resolved' || event === 'node.pair.resolved') {
      this.#resolve(fieldsOf(payload));
    }
  }

  #resolve(fields: Readonly<Record<string, unknown>>): void {
    const requestId = textOf(fields['requestId']) ?? '';
    const deviceId = textOf(fields['deviceId']) ?? textOf(fields['nodeId']);
    this.#drop(requestId);
    this.#emit('resolved', { requestId, deviceId, decision: textOf(fields['decision']) });
    // What it is paired as now stands in no event.
    void this.refresh().catch(() => undefined);
  }

  #add(request: PendingRequest | undefined, fresh: boolean): void {
    if (!request) return;
    const known = this.#pending.get(request.requestId)?.request;
    this.#pending.set(request.requestId, { request, readAt: this.#now() });
    if (known && isSameRequest(known, request)) return;
    this.#emit('requested', { request, fresh });
    this.#emit('changed', { deviceIds: new Set([request.deviceId]) });
  }

  #drop(requestId: string): void {
    this.#dropped.delete(requestId);
    this.#dropped.set(requestId, this.#now());
    const [oldest] = this.#dropped.keys();
    if (this.#dropped.size > MAX_DROPPED && oldest !== undefined) this.#dropped.delete(oldest);
    const known = this.#pending.get(requestId);
    if (!known) return;
    this.#pending.delete(requestId);
    this.#emit('changed', { deviceIds: new Set([known.request.deviceId]) });
  }

  async #readLists(): Promise<void> {
    const begunAt = this.#now();
    const [devices, nodes] = await Promise.all([
      this.#link.request('device.pair.list', {}).then(fieldsOf),
      // A login that may see devices may be refused the nodes; then there are none for it.
      this.#link.request('node.pair.list', {}).then(fieldsOf, () => fieldsOf(undefined)),
    ]);
    const nodeRows = new Map(rowsOf(nodes['paired']).map((row) => [fieldsOf(row)['nodeId'], row]));
    this.#paired = new Map(
      rowsOf(devices['paired'])
        .map((row) => toPaired(row, nodeRows.get(fieldsOf(row)['deviceId'])))
        .filter((device) => device !== undefined)
        .map((device) => [device.deviceId.toLowerCase(), device]),
    );
    const requests = [
      ...rowsOf(devices['pending']).map((row) => toRequest(row, 'device')),
      ...rowsOf(nodes['pending']).map((row) => toRequest(row, 'node')),
    ].filter((request) => request !== undefined);
    const ids = new Set(requests.map(({ requestId }) => requestId));
    for (const [requestId, { readAt }] of [...this.#pending]) {
      // An event may overtake the answer that was made before it.
      if (!ids.has(requestId) && readAt < begunAt) this.#drop(requestId);
    }
    await this.#compareUnanswered();
    for (const request of requests) {
      // A list that was made before a request was decided must not bring it back.
      if (!((this.#dropped.get(request.requestId) ?? Number.NEGATIVE_INFINITY) >= begunAt)) {
        this.#add(request, false);
      }
    }
    this.#emit('changed', { deviceIds: 'all' });
  }

  #isFresh(request: PendingRequest): boolean {
    const known = this.#pending.get(request.requestId);
    return (
      known !== undefined &&
      this.#now() - known.readAt <= FRESH_MS &&
      isSameRequest(known.request, request)
    );
  }

  async #readAgain(request: PendingRequest): Promise<void> {
    await this.refresh();
    const now = this.pending(request.requestId);
    if (!now) throw unknownRequest(request.requestId);
    if (isSameRequest(now, request)) return;
    throw failure(
      'REQUEST_CHANGED',
      request.requestId,
      'the request is no longer what was decided',
      'look at it again: `pair-policy devices`',
    );
  }

  #isCurrent({ expiresAt }: PendingRequest): boolean {
    return expiresAt === undefined || expiresAt > this.#now();
  }

  #emit<E extends keyof GatewayStoreEvents>(event: E, payload: GatewayStoreEvents[E]): void {
    this.#events.emit(event, payload);
  }
}

function rowsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isUnknownRequest(error: unknown): boolean {
  return error instanceof PairPolicyError && error.problems[0]?.code === 'UNKNOWN_REQUEST';
}

function unknownRequest(requestId: string): PairPolicyError {
  return failure(
    'UNKNOWN_REQUEST',
    requestId,
    'the gateway has no such request: it has expired, was decided, or asks for something else now',
    'list what is pending: `pair-policy devices --pending`',
  );
}

function failure(code: ProblemCode, file: string, message: string, hint: string): PairPolicyError {
  return new PairPolicyError([{ ...startOf(file), severity: 'error', code, message, hint }]);
}
