/** How devices that were approved get in: a client may have stopped for good while it waited. */
import type { PendingRequest } from '../live/index.js';
import { fieldsOf } from './gateway-hello.js';
import type { GatewayLink } from './gateway-link.js';

/** `at-once`: by the connect that asked; `by-retry`: by the client itself, later; `paused`: not until somebody restarts it. */
export type AdmissionWay = 'at-once' | 'by-retry' | 'paused';

export interface Admission {
  readonly request: PendingRequest;
  readonly way: AdmissionWay;
  /** From the approval to when the device was seen connected, in ms. */
  readonly afterMs: number | undefined;
}

/** When it is looked whether the device is connected, in ms after the approval. */
const LOOKS_MS = [150, 500, 1000, 1500, 2000, 3000, 5000, 10_000, 15_000];
/** A connect that asked is in so soon, or never. */
const AT_ONCE_MS = 400;

/** So long one answer does for all, in ms; every look is longer after its approval. */
const SHARED_MS = 50;

/** Looks for each approved device until it is in, or has not come for 15 s. */
export class AdmissionWatch {
  readonly #link: GatewayLink;
  readonly #onAdmission: (admission: Admission) => void;
  readonly #timers = new Set<NodeJS.Timeout>();
  #presence: { readonly askedAt: number; readonly answer: Promise<unknown> } | undefined;
  readonly counts: Record<AdmissionWay, number> = { 'at-once': 0, 'by-retry': 0, paused: 0 };

  constructor(link: GatewayLink, onAdmission: (admission: Admission) => void) {
    this.#link = link;
    this.#onAdmission = onAdmission;
  }

  /** Begins to look for the device of a request that was approved just now. */
  begin(request: PendingRequest): void {
    this.#look(request, performance.now(), 0);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #look(request: PendingRequest, since: number, index: number): void {
    const at = LOOKS_MS[index];
    if (at === undefined) {
      this.#end(request, 'paused', undefined);
      return;
    }
    const timer = setTimeout(
      async () => {
        this.#timers.delete(timer);
        const isConnected = await this.#isConnected(request.deviceId).catch(() => undefined);
        // Without an answer nothing can be said of it.
        if (isConnected === undefined) return;
        const afterMs = performance.now() - since;
        if (!isConnected) this.#look(request, since, index + 1);
        else this.#end(request, at <= AT_ONCE_MS ? 'at-once' : 'by-retry', afterMs);
      },
      Math.max(0, at - (performance.now() - since)),
    );
    this.#timers.add(timer);
  }

  #end(request: PendingRequest, way: AdmissionWay, afterMs: number | undefined): void {
    this.counts[way] += 1;
    this.#onAdmission({ request, way, afterMs });
  }

  async #isConnected(deviceId: string): Promise<boolean | undefined> {
    const presence = await this.#readPresence();
    const list = Array.isArray(presence) ? presence : fieldsOf(presence)['presence'];
    if (!Array.isArray(list)) return undefined;
    return list.some((one) => {
      const fields = fieldsOf(one);
      return fields['deviceId'] === deviceId && fields['reason'] !== 'disconnect';
    });
  }

  /** Where many devices come at once, one answer does for all that look about then. */
  #readPresence(): Promise<unknown> {
    const now = performance.now();
    if (!this.#presence || now - this.#presence.askedAt > SHARED_MS) {
      this.#presence = { askedAt: now, answer: this.#link.request('system-presence', {}) };
    }
    return this.#presence.answer;
  }
}
