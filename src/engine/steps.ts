/** Long work that is cut into short steps, so that a caller can do other work between them. */
export type Steps<T> = Generator<void, T>;

/** Does all of it at once. */
export function finishSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** How many items are done in one step: so few rules that they take well under a millisecond. */
const ITEMS_IN_A_STEP = 32;

/** `map`, in steps. */
export function* mapInSteps<T, U>(
  items: readonly T[],
  map: (item: T, index: number) => U,
): Steps<U[]> {
  const mapped: U[] = [];
  for (const [index, item] of items.entries()) {
    mapped.push(map(item, index));
    if (mapped.length % ITEMS_IN_A_STEP === 0) yield;
  }
  return mapped;
}
