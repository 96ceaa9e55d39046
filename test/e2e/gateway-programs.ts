/** The example gateway and a client as programs that start at once: under tsx each start compiles all of src anew. */
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** Builds the programs into a folder, unless they are there. */
export async function buildPrograms(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  mkdirSync(folder);
  // What is not ours is loaded as it is installed.
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  await build({
    entryPoints: [
      'examples/gateway.ts',
      'test/e2e/connect-once.ts',
      // It is a thread of the gateway, and looked for beside it.
      'src/live/prepare/prepare-worker.ts',
    ],
    entryNames: '[name]',
    outdir: folder,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    // An alias that is a path is no package any more.
    alias: { 'pair-policy': resolve('src/index.ts') },
    logLevel: 'warning',
  });
}
