/** The pending request of one connect, from its asking until somebody decides it. */
import type { OwnPairingStore, PairingAsk, PendingRequest } from './pairing-store.js';
import { requestWithin } from './request-within.js';

export class OwnRequest {
  readonly #store: OwnPairingStore;
  #request: PendingRequest | undefined;

  constructor(store: OwnPairingStore) {
    this.#store = store;
  }

  get id(): string | undefined {
    return this.#request?.requestId;
  }

  /** Leaves it for a person, unless it is left already; false where so many wait that there is no room for it. */
  async ask(ask: PairingAsk): Promise<boolean> {
    this.#request ??= await requestWithin(this.#store, ask);
    return this.#request !== undefined;
  }

  forget(): void {
    this.#request = undefined;
  }

  /** Whether it still waits, where there is one. */
  isUndecided(): boolean {
    return (
      this.#request === undefined || this.#store.pending(this.#request.requestId) !== undefined
    );
  }

  /** Whether it is gone before its time; looks at it as it is now, and forgets it where it is not there. */
  isRejected(now: number): boolean {
    const given = this.#request;
    this.#request = given && this.#store.pending(given.requestId);
    if (this.#request || !given) return false;
    return given.expiresAt === undefined || now < given.expiresAt;
  }
}
