/** How long one connect waits: from taking a seat until it gets up, or may wait no more. */
import type { Address } from '../model/index.js';
import { originOf } from './origin-of.js';
import type { Seat, WaitingRoom, Wake } from './waiting-room.js';

export interface StayOptions {
  readonly room: WaitingRoom;
  /** In ms; 0 is not at all. */
  readonly holdMs: number;
  /** Tells that the client has gone. */
  readonly signal: AbortSignal | undefined;
}

/** The longest time that a timer of Node takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The waiting of one connect. */
export class Stay {
  readonly #options: StayOptions;
  #seat: Seat | undefined;
  #getUp: (() => void) | undefined;
  #isOver = false;

  constructor(options: StayOptions) {
    this.#options = options;
  }

  /** The seat of a connect that may go on waiting. */
  get seat(): Pick<Stay, 'next' | 'overlookChange'> | undefined {
    return this.#seat && !this.#isOver ? this : undefined;
  }

  /** Takes a seat, unless it has one; false where there is no room. */
  sit(deviceId: string, remoteIp: Address | undefined): boolean {
    const { room, holdMs, signal } = this.#options;
    if (this.#seat || this.#isOver || signal?.aborted || !(holdMs > 0)) return true;
    const seat = room.enter(deviceId, originOf(remoteIp));
    if (seat) this.#wait(seat);
    else this.#isOver = true;
    return seat !== undefined;
  }

  /** Resolves with why it is woken. Unless that is a change, it waits no more. */
  async next(): Promise<Wake> {
    const wake = (await this.#seat?.next()) ?? 'time';
    if (wake !== 'changed') this.#isOver = true;
    return wake;
  }

  /** Forgets the changes so far where nothing that matters is another after them. */
  overlookChange(isSame: () => boolean): void {
    this.#seat?.overlookChange(isSame);
  }

  /** Ends it, however it went. */
  getUp(): void {
    this.#getUp?.();
  }

  #wait(seat: Seat): void {
    const { room, holdMs, signal } = this.#options;
    this.#seat = seat;
    const timer = setTimeout(() => seat.end('time'), Math.min(holdMs, MAX_TIMER_MS));
    const abort = () => seat.end('aborted');
    signal?.addEventListener('abort', abort, { once: true });
    this.#getUp = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      room.leave(seat);
    };
  }
}
