import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

// The end-to-end tests start it from a build.
it('the gateway is a program that starts under tsx, as its first lines say', () => {
  const args = ['--import', 'tsx', 'examples/gateway.ts', '--state-dir', '/nowhere'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toContain('--policy is missing');
  expect(stderr).toContain('--hold TIME');
  expect(status).toBe(2);
}, 60_000);
