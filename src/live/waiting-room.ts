/** Who waits for a decision: found by device, and no address takes the room of the others. */

/** Why a connect need not wait any more. The last four end it. */
export type Wake = 'changed' | 'time' | 'full' | 'aborted' | 'closing';

export interface WaitingRoomOptions {
  readonly maxWaiting: number;
  readonly maxWaitingPerAddress: number;
  /** How many are woken at a time where a change concerns all. */
  readonly wakeAtOnce?: number;
}

/** One connect that waits. */
export class Seat {
  readonly deviceId: string;
  readonly address: string;
  #isChanged = false;
  #end: Exclude<Wake, 'changed'> | undefined;
  #resolve: ((wake: Wake) => void) | undefined;

  constructor(deviceId: string, address: string) {
    this.deviceId = deviceId;
    this.address = address;
  }

  /** Resolves with why it is woken; a change since the last time counts, and an end comes again. */
  next(): Promise<Wake> {
    if (this.#end) return Promise.resolve(this.#end);
    if (this.#isChanged) {
      this.#isChanged = false;
      return Promise.resolve('changed');
    }
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Tells that something it may depend on is another. */
  change(): void {
    if (this.#resolve) this.#wake('changed');
    else this.#isChanged = true;
  }

  /** Forgets the changes so far where nothing that matters is another after them. */
  overlookChange(isSame: () => boolean): void {
    if (this.#isChanged && isSame()) this.#isChanged = false;
  }

  /** Ends the waiting; only the first end counts. */
  end(why: Exclude<Wake, 'changed'>): void {
    this.#end ??= why;
    this.#wake(this.#end);
  }

  #wake(wake: Wake): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.(wake);
  }
}

/** All connects that wait. */
export class WaitingRoom {
  readonly #options: WaitingRoomOptions;
  readonly #byDevice = new Map<string, Set<Seat>>();
  /** In the order of coming. */
  readonly #byAddress = new Map<string, Set<Seat>>();
  /** The addresses that have so many waiting. */
  readonly #byCount: Set<string>[] = [];
  #size = 0;
  /** Those that are still to be told of a change that concerns all. */
  #toWake: Seat[] = [];
  #isWaking = false;

  constructor(options: WaitingRoomOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * A seat, or undefined where there is none. Where all are taken, the address that has the most loses its oldest to one
   * that has fewer, so that many connects from one address cannot keep the others out.
   */
  enter(deviceId: string, address: string): Seat | undefined {
    const count = this.#byAddress.get(address)?.size ?? 0;
    if (count >= this.#options.maxWaitingPerAddress) return undefined;
    if (this.#size >= this.#options.maxWaiting && !this.#makeRoom(count)) return undefined;
    const seat = new Seat(deviceId, address);
    addTo(this.#byDevice, deviceId, seat);
    addTo(this.#byAddress, address, seat);
    this.#count(address, count, count + 1);
    this.#size += 1;
    return seat;
  }

  leave(seat: Seat): void {
    const { deviceId, address } = seat;
    const count = this.#byAddress.get(address)?.size ?? 0;
    if (!removeFrom(this.#byAddress, address, seat)) return;
    removeFrom(this.#byDevice, deviceId, seat);
    this.#count(address, count, count - 1);
    this.#size -= 1;
  }

  /** Tells those of some devices, at once. */
  changed(deviceIds: Iterable<string>): void {
    for (const deviceId of deviceIds) {
      for (const seat of this.#byDevice.get(deviceId) ?? []) seat.change();
    }
  }

  /** Tells all, a few at a time, so that nobody else is kept from being decided. */
  changedForAll(): void {
    this.#toWake = this.#all();
    if (!this.#isWaking) this.#wakeSome();
  }

  endAll(why: Exclude<Wake, 'changed'>): void {
    for (const seat of this.#all()) seat.end(why);
  }

  #all(): Seat[] {
    return [...this.#byDevice.values()].flatMap((seats) => [...seats]);
  }

  #wakeSome(): void {
    for (const seat of this.#toWake.splice(0, this.#options.wakeAtOnce ?? 32)) seat.change();
    this.#isWaking = this.#toWake.length > 0;
    if (this.#isWaking) setImmediate(() => this.#wakeSome());
  }

  #makeRoom(countOfNewcomer: number): boolean {
    // The newcomer counts as well: taking turns between equals would let nobody wait.
    if (this.#byCount.length - 1 <= countOfNewcomer + 1) return false;
    const [heaviest] = this.#byCount.at(-1) ?? [];
    const [oldest] = (heaviest !== undefined && this.#byAddress.get(heaviest)) || [];
    if (!oldest) return false;
    this.leave(oldest);
    oldest.end('full');
    return true;
  }

  #count(address: string, from: number, to: number): void {
    this.#byCount[from]?.delete(address);
    if (to > 0) {
      const addresses = this.#byCount[to] ?? new Set();
      this.#byCount[to] = addresses.add(address);
    }
    while (this.#byCount.length > 0 && !this.#byCount.at(-1)?.size) this.#byCount.pop();
  }
}

function addTo(map: Map<string, Set<Seat>>, key: string, seat: Seat): void {
  const seats = map.get(key);
  if (seats) seats.add(seat);
  else map.set(key, new Set([seat]));
}

function removeFrom(map: Map<string, Set<Seat>>, key: string, seat: Seat): boolean {
  const seats = map.get(key);
  if (!seats?.delete(seat)) return false;
  if (seats.size === 0) map.delete(key);
  return true;
}
