/** OpenClaw releases from the npm registry, in a cache outside the checkout, with the Node that runs them. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const CACHE = join(
  process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
  'pair-policy-openclaw',
);

/** All that they depend on is taken as it was then: what is published at this moment may not fit together. */
const AS_OF = '2026-11-15';

/** What the tests run against unless `OPENCLAW_RELEASES` names others. */
export const RELEASES = (process.env['OPENCLAW_RELEASES'] ?? '2026.9.6,2026.2.19').split(',');

/** The one whose gateway is held against the contract of every pairing store. */
export const CONTRACT_RELEASE = '2026.9.6';

/** The folder of the Node that OpenClaw asks for; installed where it is not there yet. */
export function nodeFolder(): string {
  const folder = install('node24', { node: '24' });
  return join(folder, 'node_modules', '.bin');
}

/** The program of a release; installed where it is not there yet. */
export function openclawProgram(release: string): string {
  // Two dependencies of the older ones are gone from the registry as they were named.
  const overrides = release.startsWith('2026.9.')
    ? {}
    : { overrides: { libsignal: '6.0.0', linkedom: '0.18.12' } };
  const folder = install(release, { openclaw: release }, overrides);
  return join(folder, 'node_modules', 'openclaw', 'openclaw.mjs');
}

function install(name: string, dependencies: object, more: object = {}): string {
  const folder = join(CACHE, name);
  const done = join(folder, '.done');
  if (existsSync(done)) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies, ...more }),
  );
  const isNode = name === 'node24';
  const flags = ['--no-audit', '--no-fund', '--legacy-peer-deps', `--before=${AS_OF}`];
  // Node's package fetches nothing, but puts its program in place by a script.
  execFileSync('npm', ['install', ...flags, ...(isNode ? [] : ['--ignore-scripts'])], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 600_000,
  });
  writeFileSync(done, '');
  return folder;
}
