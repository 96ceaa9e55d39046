import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const LOADER = import.meta.resolve('tsx');
/** Starting takes a second where the machine is busy; nothing may take this long. */
const TIMEOUT_MS = 30_000;

/** Runs a command line as a process of its own, in the current folder; its code is null where it never ended. */
export function runAsChild(
  args: readonly string[],
  input: Buffer,
): { readonly code: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', LOADER, MAIN, ...args],
    { input, timeout: TIMEOUT_MS, maxBuffer: 256 * 1024 * 1024, encoding: 'utf8', env: homeless() },
  );
  return { code: status, output: stdout + stderr };
}

/** Without a home and a state folder: a random command must never meet the devices of whoever runs the tests. */
function homeless(): NodeJS.ProcessEnv {
  const { HOME, USERPROFILE, OPENCLAW_STATE_DIR, ...env } = process.env;
  return env;
}
