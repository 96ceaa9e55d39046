/** What a gateway has granted against what was decided: where they differ, it is taken back at once. */
import { isDeepStrictEqual } from 'node:util';
import type { PairedDevice, PendingRequest } from '../live/index.js';
import { compareCommands, compareGrant } from './compare-grant.js';
import { gatewayFailure } from './gateway-failure.js';
import type { GatewayLink } from './gateway-link.js';

/** A device was paired otherwise than it was decided, and what was done about it. */
export interface GrantDiffers {
  readonly request: PendingRequest;
  readonly differences: readonly string[];
  readonly removed: boolean;
  /** How long it was paired, in ms: from the gateway's answer to the end of its removal. */
  readonly pairedMs: number;
}

/** Compares, takes back, and remembers approvals of which it is not known yet what came of them. */
export class GrantGuard {
  readonly #link: GatewayLink;
  readonly #now: () => number;
  readonly #onDiffers: (event: GrantDiffers) => void;
  /** Approvals that the gateway has not answered yet; the answer may be lost with the connection. */
  readonly #unanswered = new Map<
    string,
    { readonly request: PendingRequest; readonly before: PairedDevice | undefined }
  >();

  constructor(link: GatewayLink, now: () => number, onDiffers: (event: GrantDiffers) => void) {
    this.#link = link;
    this.#now = now;
    this.#onDiffers = onDiffers;
  }

  /** Expects an answer to an approval, until `answered`. */
  expect(request: PendingRequest, before: PairedDevice | undefined): void {
    this.#unanswered.set(request.requestId, { request, before });
  }

  answered(requestId: string): void {
    this.#unanswered.delete(requestId);
  }

  /** Rejects with `REQUEST_CHANGED` where the device is not what was decided; then it is removed. */
  async checkDevice(
    request: PendingRequest,
    granted: PairedDevice | undefined,
    before: PairedDevice | undefined,
  ): Promise<PairedDevice> {
    const differences = granted
      ? compareGrant(request, granted, before)
      : ['the gateway did not say what it paired'];
    if (granted && differences.length === 0) return granted;
    const removed = await this.#takeBack(request, granted, differences);
    const deviceId = granted?.deviceId ?? request.deviceId;
    const outcome = removed
      ? 'it was removed again'
      : 'IT COULD NOT BE REMOVED: remove it at the gateway by hand';
    throw gatewayFailure(
      'REQUEST_CHANGED',
      request.requestId,
      `the gateway paired otherwise than was decided (${differences.join('; ')}); ${outcome}`,
      removed ? 'the device may ask again' : `\`openclaw devices remove ${deviceId}\``,
    );
  }

  /**
   * Rejects with `REQUEST_CHANGED` where the node was given other commands than were decided: it may have changed what
   * it asks for since, under the same id. Then it is removed.
   */
  async checkNode(request: PendingRequest, node: unknown, answeredAt: number): Promise<void> {
    const differences = compareCommands(request, node);
    if (differences.length === 0) return;
    const { deviceId } = request;
    const removed = await this.#link
      .request('node.pair.remove', { nodeId: deviceId })
      .then(() => true)
      .catch(() => this.#undo(deviceId, ['node']));
    const pairedMs = this.#now() - answeredAt;
    this.#onDiffers({ request, differences, removed, pairedMs });
    throw gatewayFailure(
      'REQUEST_CHANGED',
      request.requestId,
      `the gateway approved otherwise than was decided (${differences.join('; ')})`,
      removed
        ? 'the node was removed, and may ask again'
        : `remove it by hand: \`openclaw nodes remove ${deviceId}\``,
    );
  }

  /** An approval whose answer was lost may have been carried out: then what came of it is compared now. */
  async checkUnanswered(
    isOpen: (requestId: string) => boolean,
    pairedNow: (deviceId: string) => PairedDevice | undefined,
    isWaiting: (requestId: string) => boolean,
  ): Promise<void> {
    for (const [requestId, { request, before }] of [...this.#unanswered]) {
      if (isOpen(requestId)) continue;
      this.#unanswered.delete(requestId);
      const granted = pairedNow(request.deviceId);
      if (isWaiting(requestId) || !granted) continue;
      if (request.store === 'node') {
        await this.#checkUnansweredNode(request, granted, before);
        continue;
      }
      // What was paired before, and is as it was, was not paired by this.
      if (granted.approvedAtMs !== undefined && granted.approvedAtMs === before?.approvedAtMs) {
        continue;
      }
      const differences = compareGrant(request, granted, before);
      if (differences.length > 0) await this.#takeBack(request, granted, differences);
    }
  }

  /** Commands that are as they were before were not approved by this. */
  async #checkUnansweredNode(
    request: PendingRequest,
    { deviceId, commands }: PairedDevice,
    before: PairedDevice | undefined,
  ): Promise<void> {
    if (commands === undefined || isDeepStrictEqual(commands, before?.commands)) return;
    const node = { nodeId: deviceId, commands };
    // It is told by `onDiffers`; nobody waits for an answer any more.
    await this.checkNode(request, node, this.#now()).catch(() => undefined);
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
    this.#onDiffers({ request, differences, removed, pairedMs });
    return removed;
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
}
