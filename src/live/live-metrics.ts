/** The state of the live parts as metrics; each is looked up when it is asked for. */
import { Counter, Gauge, Registry } from 'prom-client';
import { DecisionMeter } from './decision-meter.js';
import { type HealthWatch, PARTS } from './health.js';
import type { LivePolicy } from './live-policy.js';
import type { PairingStore } from './pairing-store.js';
import type { LogState, StatusSources } from './status-sources.js';

/** All metrics of one program. */
export interface LiveMetrics {
  readonly registry: Registry;
  readonly meter: DecisionMeter;
}

/** Makes the metrics of the parts that are there. */
export function createMetrics(sources: StatusSources, health: HealthWatch): LiveMetrics {
  const registry = new Registry();
  const meter = new DecisionMeter(registry);
  const { policy, store, log, waiting } = sources;
  if (policy) addPolicy(registry, policy);
  if (store) addStore(registry, store);
  if (log) addLog(registry, log);
  if (waiting) {
    gauge(registry, 'waiting', 'Connects that wait for a person to decide.', [], (it) =>
      it.set(waiting()),
    );
  }
  gauge(registry, 'healthy', 'Whether a part is well: 1, or 0.', ['part'], (it) => {
    const state = health.now();
    for (const part of PARTS) {
      const wrong = state[part];
      if (wrong) it.set({ part }, wrong.length === 0 ? 1 : 0);
    }
  });
  return { registry, meter };
}

function addPolicy(registry: Registry, policy: LivePolicy): void {
  const reloads = () => Object.entries(policy.reloads);
  gauge(registry, 'policy_info', 'The policy in force.', ['revision'], (it) =>
    it.set({ revision: policy.current.revision }, 1),
  );
  gauge(registry, 'policy_generation', 'How many policies were in force so far.', [], (it) =>
    it.set(policy.generation),
  );
  gauge(registry, 'policy_rules', 'The rules of the policy in force.', [], (it) =>
    it.set(policy.current.document.rules.length),
  );
  counter(
    registry,
    'policy_reloads_total',
    'Times that the policy files were read, by outcome.',
    ['outcome'],
    (it) => {
      for (const [outcome, { count }] of reloads()) it.inc({ outcome }, count);
    },
  );
  gauge(
    registry,
    'policy_reload_timestamp_seconds',
    'When an outcome came last, in seconds since the epoch.',
    ['outcome'],
    (it) => {
      for (const [outcome, { last }] of reloads()) {
        if (last !== undefined) it.set({ outcome }, last / 1000);
      }
    },
  );
}

function addStore(registry: Registry, store: PairingStore): void {
  gauge(
    registry,
    'devices',
    'Requests that are pending, devices that are paired, entries of the block list.',
    ['state'],
    (it) => {
      it.set({ state: 'pending' }, store.allPending().length);
      it.set({ state: 'paired' }, countAll(store.allPaired()));
      it.set({ state: 'blocked' }, store.blocks.all().length);
    },
  );
}

function addLog(registry: Registry, log: LogState): void {
  counter(registry, 'log_lines_total', 'Decisions that were written to the log.', [], (it) =>
    it.inc(log.written),
  );
  counter(registry, 'log_dropped_total', 'Decisions that are missing from the log.', [], (it) =>
    it.inc(log.dropped),
  );
}

function gauge<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
  look: (it: Gauge<Label>) => void,
): void {
  new Gauge<Label>({
    name: `pair_policy_${name}`,
    help,
    labelNames,
    registers: [registry],
    collect() {
      // What is no more, such as the last revision, must not stay.
      this.reset();
      look(this);
    },
  });
}

function counter<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
  look: (it: Counter<Label>) => void,
): void {
  new Counter<Label>({
    name: `pair_policy_${name}`,
    help,
    labelNames,
    registers: [registry],
    collect() {
      // The part counts by itself.
      this.reset();
      look(this);
    },
  });
}

function countAll(items: Iterable<unknown>): number {
  let count = 0;
  for (const _ of items) count += 1;
  return count;
}
