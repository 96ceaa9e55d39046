/** How much comparing one run of the lints may do. What is beyond it stays unsaid: silence is never a false alarm. */
export class Effort {
  #left: number;

  constructor(steps = 5_000_000) {
    this.#left = steps;
  }

  /** Takes that many steps, and at least a few; false where they are no longer there. */
  spend(steps: number): boolean {
    this.#left -= 16 + steps;
    return this.#left >= 0;
  }

  get isSpent(): boolean {
    return this.#left < 0;
  }
}
