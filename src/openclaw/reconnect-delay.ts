/** How long a gateway that is away is left alone before it is tried again. */
import { isLoopbackUrl } from './loopback-url.js';

const FIRST_MS = 250;
/** One that restarts is soon back, and devices wait for it. */
const SOON_MS = 60_000;
const LONGEST_SOON_MS = 2000;
/** Asking our own host costs nobody anything. */
const LONGEST_LOOPBACK_MS = 1000;
const LONGEST_MS = 30_000;
/** Whoever refuses us means it, and counts how often we come. */
const FIRST_REFUSED_MS = 1000;
const REFUSED = 1008;

/** Counts the tries since the gateway was there last. */
export class ReconnectDelay {
  readonly #isLoopback: boolean;
  readonly #now: () => number;
  #awaySince: number | undefined;
  #missed = 0;
  #refused = 0;

  /** `now` in ms. */
  constructor(url: string, now: () => number = () => performance.now()) {
    this.#isLoopback = isLoopbackUrl(url);
    this.#now = now;
  }

  /** How long to wait after the connection ended with this close code, in ms. */
  next(code: number): number {
    this.#awaySince ??= this.#now();
    if (code === REFUSED) {
      this.#refused += 1;
      return Math.min(LONGEST_MS, FIRST_REFUSED_MS * 2 ** (this.#refused - 1));
    }
    this.#missed += 1;
    return Math.min(this.#longest(this.#awaySince), FIRST_MS * 2 ** (this.#missed - 1));
  }

  /** It is there again. */
  reset(): void {
    this.#awaySince = undefined;
    this.#missed = 0;
    this.#refused = 0;
  }

  #longest(awaySince: number): number {
    if (this.#isLoopback) return LONGEST_LOOPBACK_MS;
    return this.#now() - awaySince < SOON_MS ? LONGEST_SOON_MS : LONGEST_MS;
  }
}
