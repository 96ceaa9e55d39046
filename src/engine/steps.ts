/** Long work that is cut into short steps, so that a caller can do other work between them. */
export type Steps<T> = Generator<void, T>;

/** Does all of it at once. */
export function finishSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
