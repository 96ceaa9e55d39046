import { defineConfig } from 'vitest/config';
import { CONTRACT_RELEASE, RELEASES } from './test/openclaw/releases.js';

const results = process.env['TEST_RESULTS'];

/** The tests against real gateways: slow, and only where there are root and network namespaces. A project for each release. */
export default defineConfig({
  test: {
    // Each gateway takes half a gigabyte, and all of a core while it starts.
    maxWorkers: 2,
    reporters: results ? ['default', ['json', { outputFile: results }]] : ['default'],
    projects: RELEASES.map((release) => ({
      test: {
        name: release,
        env: { OPENCLAW_RELEASES: release },
        include: [
          'test/openclaw/governed.test.ts',
          ...(release === CONTRACT_RELEASE ? ['test/openclaw/store-contract.test.ts'] : []),
        ],
        pool: 'forks' as const,
        testTimeout: 120_000,
        hookTimeout: 300_000,
      },
    })),
  },
});
