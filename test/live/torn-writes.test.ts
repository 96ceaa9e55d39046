import { expect, it } from 'vitest';
import { tearWrites } from '../../bench/reload/torn-writes.js';
import { createLivePolicy } from '../../src/live/index.js';
import { temporaryFolder } from './watch/watched-folder.js';

// The same with a thousand writes is `npm run bench:live`, which also tells how soon each was in force.
it('60 writes torn in two at 0 to 100 ms: never a decision by half a policy, never a stale one', async () => {
  const folder = await temporaryFolder();
  const options = { writes: 60, files: 12, mostPauseMs: 100, folder, createLivePolicy };
  const { writes, decisions, byHalf, latencies } = await tearWrites(options);
  expect(byHalf).toBe(0);
  expect(decisions).toBeGreaterThan(writes);
  // How soon is measured there: here it counts that each came.
  expect(latencies).toHaveLength(writes);
});
