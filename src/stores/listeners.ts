import type { StoreEvents } from '../live/index.js';

/** Who wants to hear of what happens to a store. */
export class StoreListeners {
  readonly #lists: { readonly [E in keyof StoreEvents]: Set<(event: StoreEvents[E]) => void> } = {
    changed: new Set(),
    problem: new Set(),
  };

  on<E extends keyof StoreEvents>(event: E, listener: (event: StoreEvents[E]) => void): () => void {
    const list: Set<(event: StoreEvents[E]) => void> = this.#lists[event];
    // A listener that is given twice is called twice, and each of its two ends takes one of them.
    const own = (value: StoreEvents[E]) => listener(value);
    list.add(own);
    return () => {
      list.delete(own);
    };
  }

  tell<E extends keyof StoreEvents>(event: E, value: StoreEvents[E]): void {
    const list: Set<(event: StoreEvents[E]) => void> = this.#lists[event];
    for (const listener of [...list]) {
      try {
        listener(value);
      } catch (error) {
        // A listener's defect is its owner's, and no reason why a store stops half-way: it is thrown where nothing waits.
        setImmediate(() => {
          throw error;
        });
      }
    }
  }
}
