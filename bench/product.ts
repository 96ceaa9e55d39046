/**
 * The product as it is shipped: what `tsc` and the bundler emit, not what a loader makes of the sources (`tsx` wraps
 * every named inner function, which costs compiling a policy several times what it costs a user).
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundleCommandLine } from '../scripts/bundle.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = new URL('dist/', import.meta.url);

/** The command line that the bench has built. */
export const COMMAND_LINE = fileURLToPath(new URL('cli/main.js', DIST));

/** Builds the sources into `bench/dist`, with the command line bundled as it is published. */
export async function buildProduct(): Promise<void> {
  const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
  const options = ['--project', 'tsconfig.build.json', '--outDir', 'bench/dist'];
  const { status } = spawnSync(process.execPath, [tsc, ...options, '--declaration', 'false'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('the sources do not build');
  await bundleCommandLine('bench/dist');
}

/** Loads the built engine. */
export async function loadEngine(): Promise<typeof import('../src/engine/index.js')> {
  return await import(new URL('engine/index.js', DIST).href);
}

/** Loads the built words of the language. */
export async function loadModel(): Promise<typeof import('../src/model/index.js')> {
  return await import(new URL('model/index.js', DIST).href);
}

/** Loads what is live, as built. */
export async function loadLive(): Promise<typeof import('../src/live/index.js')> {
  return await import(new URL('live/index.js', DIST).href);
}
