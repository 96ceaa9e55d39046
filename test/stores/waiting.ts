import type { PairingStore, StoreEvents } from '../../src/live/index.js';

/** The next event of a store that is as wanted; fails where none comes. */
export function nextEvent<E extends keyof StoreEvents>(
  store: PairingStore,
  event: E,
  isWanted: (event: StoreEvents[E]) => boolean = () => true,
  boundMs = 10_000,
): Promise<StoreEvents[E]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event} came`)), boundMs);
    const stop = store.on(event, (value) => {
      if (!isWanted(value)) return;
      clearTimeout(timer);
      stop();
      resolve(value);
    });
  });
}
