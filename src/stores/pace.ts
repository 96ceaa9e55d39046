import { setImmediate as nextTurn } from 'node:timers/promises';

/** Long work in slices: how long one may hold the event loop, in ms. */
const SLICE_MS = 4;
/** How many steps are taken between two looks at the clock. */
const STEPS = 32;

/** Lets others have their turn in the middle of long work. */
export class Pace {
  #steps = 0;
  #since = performance.now();

  /** Whether it is time for a rest; to be asked after each small step. */
  isDue(): boolean {
    this.#steps += 1;
    return this.#steps % STEPS === 0 && performance.now() - this.#since > SLICE_MS;
  }

  async rest(): Promise<void> {
    await nextTurn();
    this.#since = performance.now();
  }
}
