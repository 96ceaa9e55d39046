/** How long a device that was rejected is left alone: a gateway lets it ask again at once, and it may do so for ever. */

const FIRST_MS = 1000;
const LONGEST_MS = 300_000;
const MAX_DEVICES = 10_000;

/** Remembers rejections, the latest of a bounded number of devices. */
export class RejectBackoff {
  readonly #now: () => number;
  readonly #devices = new Map<string, { count: number; until: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How long to wait before this device is rejected again, in ms. */
  waitFor(deviceId: string): number {
    return Math.max(0, (this.#devices.get(deviceId)?.until ?? 0) - this.#now());
  }

  /** Notes a rejection; the next one waits twice as long, until the device has been quiet for a while. */
  note(deviceId: string): void {
    const before = this.#devices.get(deviceId);
    const now = this.#now();
    const isQuiet = !before || now - before.until > LONGEST_MS;
    const count = isQuiet ? 1 : before.count + 1;
    const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** (count - 1));
    // Set anew, so that the map is in the order of the last rejection.
    this.#devices.delete(deviceId);
    this.#devices.set(deviceId, { count, until: now + wait });
    const [oldest] = this.#devices.keys();
    if (this.#devices.size > MAX_DEVICES && oldest !== undefined) this.#devices.delete(oldest);
  }
}
