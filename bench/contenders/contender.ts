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

/** What decides on one record at a time. */
export interface RecordDecider<T> {
  /** The record in the form that it takes. */
  prepare(record: PlainRecord): T;
  decide(prepared: T): number | Promise<number>;
}

/** A contender that can be had without its records, as a replay of lines needs it. */
export interface Peer extends Maker {
  create(rules: Task['rules']): Promise<RecordDecider<unknown>>;
}

/**
 * Makes a peer out of what decides; the records are prepared outside of what is timed. `bind` is written anew for each
 * peer, so that its decisions are compiled for it alone: with code that all shared the compiler of Node 20.20 failed.
 */
export function peerOf<T>(
  about: Omit<Maker, 'make'>,
  create: (rules: Task['rules']) => RecordDecider<T> | Promise<RecordDecider<T>>,
  bind: (decider: RecordDecider<T>, records: readonly T[]) => Contender,
): Peer {
  return {
    ...about,
    create: async (rules) => (await create(rules)) as RecordDecider<unknown>,
    async make({ rules, records }) {
      const decider = await create(rules);
      return bind(
        decider,
        records.map((record) => decider.prepare(record)),
      );
    },
  };
}
