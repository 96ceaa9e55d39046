import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { bundleCommandLine } from './bundle.js';

/** Makes dist/ anew: nothing of a former build may stay in it, because all of dist/ is published. */
rmSync('dist', { recursive: true, force: true });

const { status } = spawnSync('tsc', ['--project', 'tsconfig.build.json'], {
  stdio: 'inherit',
  shell: true,
});
if (status !== 0) process.exit(status ?? 1);

await bundleCommandLine('dist');

const command = 'dist/cli/main.js';
// Neither writes executable files, and `./dist/cli/main.js` is run straight from a clone.
if (existsSync(command)) chmodSync(command, 0o755);
