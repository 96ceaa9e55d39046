/** Who listens to what, and is told in turn. */
export class Listeners<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();
  readonly #onError: (error: Error) => void;

  /** What a listener throws is told to `onError`: the others are told all the same. */
  constructor(onError: (error: Error) => void) {
    this.#onError = onError;
  }

  /** Calls the listener from now on; the answer stops that. */
  on<E extends keyof Events>(event: E, listener: (event: Events[E]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    // Each call of `on` counts for itself, also for a listener that is there already.
    const own = (value: Events[E]) => listener(value);
    listeners.add(own);
    return () => listeners.delete(own);
  }

  tell<E extends keyof Events>(event: E, value: Events[E]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        (listener as (event: Events[E]) => void)(value);
      } catch (error) {
        this.#onError(error as Error);
      }
    }
  }
}
