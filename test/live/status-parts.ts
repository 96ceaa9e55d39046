import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { buildPolicy } from '../../src/engine/index.js';
import {
  type LivePolicy,
  openDecisionLog,
  openLimitFile,
  type PairingStore,
} from '../../src/live/index.js';

/** Listeners by event, and how to call them. */
function emitter() {
  const listeners = new Map<string, Set<(event: never) => void>>();
  return {
    on(event: string, listener: (event: never) => void) {
      const those = listeners.get(event) ?? new Set();
      listeners.set(event, those.add(listener));
      return () => void those.delete(listener);
    },
    emit(event: string, value: unknown) {
      for (const listener of listeners.get(event) ?? []) listener(value as never);
    },
    count: () => [...listeners.values()].reduce((sum, { size }) => sum + size, 0),
  };
}

/** A live policy as far as it is looked at here. */
export function livePolicy(rejectedLast = 1) {
  const events = emitter();
  const current = buildPolicy([
    { path: 'p.yaml', text: 'version: 1\nrules: []\n', kind: 'policy' },
  ]);
  const reloads = {
    reloaded: { count: 2, last: 5_000 },
    rejected: { count: 1, last: rejectedLast },
    unchanged: { count: 0, last: undefined },
  };
  const policy = { current, generation: 3, reloads, on: events.on } as unknown as LivePolicy;
  return { policy, current, events };
}

/** A pairing store, likewise. */
export function pairingStore() {
  const events = emitter();
  const store = {
    blocks: { all: () => [1] },
    allPaired: () => new Set([1, 2, 3]).values(),
    allPending: () => [1, 2],
    on: events.on,
  } as unknown as PairingStore;
  return { store, events };
}

/** A decision log and a limit file, in a folder that is made. */
export async function openedParts(folder: string) {
  const log = await openDecisionLog(join(folder, 'decisions.jsonl'));
  const limits = await openLimitFile(join(folder, 'limits.json'));
  onTestFinished(() => log.close());
  return { log, limits };
}
