/** Counts the decisions that are taken, for Prometheus. */
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Decision } from '../model/index.js';

/** Rules come and go with the policies, and each is a series: what comes later counts as one. */
const MAX_RULES = 1000;
const OTHER = '(other)';
const NONE = '(none)';

/** Is told each decision. */
export class DecisionMeter {
  readonly #decisions: Counter<'action' | 'cause' | 'rule'>;
  readonly #latency: Histogram;
  readonly #rules = new Set<string>();

  constructor(registry: Registry) {
    this.#decisions = new Counter({
      name: 'pair_policy_decisions_total',
      help: 'Decisions that were taken, by action, cause and rule.',
      labelNames: ['action', 'cause', 'rule'],
      registers: [registry],
    });
    this.#latency = new Histogram({
      name: 'pair_policy_decision_seconds',
      help: 'How long it took from the connect, or from what woke a held one, until the decision was acted on.',
      buckets: [
        0.000_01, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5,
      ],
      registers: [registry],
    });
  }

  /** Counts a decision, and how long it took where that was measured. */
  count({ action, cause, rule }: Decision, tookMs?: number): void {
    this.#decisions.inc({ action, cause, rule: this.#nameOf(rule) });
    if (tookMs !== undefined) this.#latency.observe(tookMs / 1000);
  }

  #nameOf(rule: string | null): string {
    if (rule === null) return NONE;
    if (this.#rules.size < MAX_RULES) this.#rules.add(rule);
    return this.#rules.has(rule) ? rule : OTHER;
  }
}
