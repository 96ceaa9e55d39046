/** Whether each part is well, and what is wrong where one is not. */
import { type Problem, problemLine } from '../model/index.js';
import type { LivePolicy } from './live-policy.js';
import type { PairingStore } from './pairing-store.js';
import type { StatusSources } from './status-sources.js';

/** The parts that can be unwell. */
export const PARTS = ['policy', 'store', 'log', 'limits', 'gateway'] as const;

/** What is wrong with each part that is there; an empty list is well. */
export type Health = Partial<Readonly<Record<(typeof PARTS)[number], readonly string[]>>>;

/** Follows the parts. */
export class HealthWatch {
  readonly #sources: StatusSources;
  readonly #stops: (() => void)[] = [];
  #policy: readonly string[] = [];
  #store: readonly string[] = [];

  constructor(sources: StatusSources) {
    this.#sources = sources;
    if (sources.policy) this.#followPolicy(sources.policy);
    if (sources.store) this.#followStore(sources.store);
  }

  now(): Health {
    const { policy, store, log, limits, gateway } = this.#sources;
    const away = gateway?.();
    return {
      ...(policy && { policy: this.#policy }),
      ...(store && { store: this.#store }),
      ...(log && { log: linesOf(log.problem) }),
      ...(limits && { limits: linesOf(limits.problem) }),
      ...(gateway && { gateway: away === undefined ? [] : [away] }),
    };
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  /** A policy that was rejected is not in force, though somebody wants it to be. */
  #followPolicy(policy: LivePolicy): void {
    const { reloaded, rejected, unchanged } = policy.reloads;
    const good = Math.max(reloaded.last ?? 0, unchanged.last ?? 0);
    if ((rejected.last ?? 0) > good) {
      this.#policy = ['what the policy files hold was rejected; the last good policy is in force'];
    }
    this.#stops.push(
      policy.on('rejected', ({ problems }) => {
        this.#policy = problems.map(problemLine);
      }),
      policy.on('reloaded', () => {
        this.#policy = [];
      }),
      policy.on('unchanged', () => {
        this.#policy = [];
      }),
    );
  }

  /** Unwell from a problem to the next state that is in force, or to the word that there is no problem. */
  #followStore(store: PairingStore): void {
    this.#stops.push(
      store.on('problem', (problems) => {
        this.#store = problems.map(problemLine);
      }),
      store.on('changed', () => {
        this.#store = [];
      }),
    );
  }
}

function linesOf(problem: Problem | undefined): readonly string[] {
  return problem ? [problemLine(problem)] : [];
}
