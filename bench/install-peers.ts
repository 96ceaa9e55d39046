import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Installs the peers in `bench/` unless they are there: they are nobody else's dependencies. */
export function installPeers(): void {
  if (existsSync(new URL('node_modules/json-logic-engine', import.meta.url))) return;
  const { status } = spawnSync('npm ci --ignore-scripts --no-audit --no-fund', {
    cwd: FOLDER,
    shell: true,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('the peers cannot be installed');
}
