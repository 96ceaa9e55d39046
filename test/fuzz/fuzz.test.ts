import { expect, test } from 'vitest';
import { runAttacks } from './run-attacks.js';

/** A part of what `npm run fuzz` does, always the same. */
const SEED = 1;
const RUNS = 3_000;

test('mutated policies, records and arguments end in a documented way and decide as the reference does', async () => {
  const { failures, tally } = await runAttacks(SEED, Array(RUNS).keys());
  expect(failures.map(({ run, what }) => `run ${run}: ${what}`)).toEqual([]);
  // The attacks get through: they are not all turned away at the door.
  for (const reached of ['policy: loaded', 'record: JSON', 'simulate: exit 0', 'check: exit 0']) {
    expect(tally.get(reached), reached).toBeGreaterThan(10);
  }
}, 180_000);
