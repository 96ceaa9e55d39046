/** What is measured: something that decides on the records of a scenario, by their number. */
import type { PlainRecord } from '../policies/plain-policy.js';
import type { PlainTest } from './plain-tests.js';

/** A policy and records in the forms that contenders take, made once and outside of what is timed. */
export interface Task {
  /** For each rule, in the order in which they decide, what must hold. */
  readonly rules: readonly (readonly PlainTest[])[];
  readonly records: readonly PlainRecord[];
}

/** Decides; the answer is the number of the first rule that holds, or -1. */
export interface Contender {
  decide(record: number): number | Promise<number>;
}

/** How a contender comes to be. */
export interface Maker {
  readonly name: string;
  /** Ours, the hand loop, a loop with a library for addresses, or a library for rules. */
  readonly sort: 'ours' | 'hand' | 'loop' | 'library';
  /** Whether it turns rules into JavaScript, which the JIT takes long to settle on. */
  readonly compiles: boolean;
  make(task: Task): Contender | Promise<Contender>;
}
