import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// .ci/run names a file here, and reads the counts from it.
const results = process.env['TEST_RESULTS'];

export default defineConfig({
  // The examples import the package as its users do.
  resolve: { alias: { 'pair-policy': fileURLToPath(new URL('src/index.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
    // Against real gateways, by vitest.openclaw.config.ts.
    exclude: ['test/openclaw/**'],
    // A process for each file: the tests of the command line and of file watching must not share a working directory.
    pool: 'forks',
    // Half of the time they wait for children, files and sockets.
    maxWorkers: '100%',
    // Property tests and child processes are slow on a busy CI machine; a test that hangs still ends.
    testTimeout: 20_000,
    reporters: results ? ['default', ['json', { outputFile: results }]] : ['default'],
    coverage: {
      provider: 'v8',
      // All of src counts, also a file that no test imports.
      include: ['src/**/*.ts'],
      // It runs only as a child process, which is not measured; so it holds nothing but the call of the rest of cli/.
      exclude: ['src/cli/main.ts'],
      reporter: ['text-summary'],
      thresholds: { lines: 95, statements: 95, functions: 95, branches: 90 },
    },
  },
});
