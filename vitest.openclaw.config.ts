import { defineConfig } from 'vitest/config';

const results = process.env['TEST_RESULTS'];

/** The tests against real gateways: slow, and only where there are root and network namespaces. */
export default defineConfig({
  test: {
    include: ['test/openclaw/**/*.test.ts'],
    pool: 'forks',
    // Each gateway takes half a gigabyte, and all of a core while it starts.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    reporters: results ? ['default', ['json', { outputFile: results }]] : ['default'],
  },
});
