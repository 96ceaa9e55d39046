/** The command line as few files: finding and reading hundreds of small ones is most of what a short command costs. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

/** Packages that go into the bundle, all with a licence file. What is not named here is loaded from `node_modules`, as the library does. */
const BUNDLED = [
  'commander',
  'fast-string-truncated-width',
  'fast-string-width',
  'fastest-levenshtein',
  'ipaddr.js',
  'json-logic-js',
  'zod',
];

/** Replaces the modules in `<dist>/cli`, which `tsc` has made, by a bundle of them. */
export async function bundleCommandLine(dist: string): Promise<void> {
  const folder = join(dist, 'cli');
  const main = await bundle(folder, join(folder, 'main.js'));
  // By itself: of what it shares with the others it needs little, and a thread should be small.
  const worker = await bundle(folder, join(folder, 'simulate', 'replay-worker.js'));
  // `serve` checks policies in a thread, which it looks for beside itself.
  const checker = await bundle(folder, join(dist, 'live', 'prepare', 'prepare-worker.js'));
  removeModules(folder, [main, worker, checker]);
  writeFileSync(join(folder, 'LICENSES.txt'), licencesOf(main));
}

async function bundle(folder: string, entry: string): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: [entry],
    entryNames: '[name]',
    outdir: folder,
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Names in a stack trace are worth more than some bytes on a disk.
    minify: false,
    external: externals(),
    // For the packages in the bundle that are CommonJS.
    banner: {
      js: "import { createRequire as createRequireOf } from 'node:module';\nconst require = createRequireOf(import.meta.url);",
    },
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

function externals(): string[] {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return Object.keys(dependencies).filter((name) => !BUNDLED.includes(name));
}

/** What is in the bundle must not lie beside it once more. */
function removeModules(folder: string, bundles: readonly Metafile[]): void {
  const made = new Set(bundles.flatMap(({ outputs }) => Object.keys(outputs)));
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!made.has(path.replaceAll('\\', '/'))) rmSync(path, { recursive: true });
  }
}

/** The licences of the packages in the bundle, which ask to go with every copy. */
function licencesOf({ inputs }: Metafile): string {
  const found = Object.keys(inputs).flatMap(
    (path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  const names = [...new Set(found)].sort();
  const strangers = names.filter((name) => !BUNDLED.includes(name));
  if (strangers.length > 0) throw new Error(`not meant to be bundled: ${strangers.join(', ')}`);
  return names.map((name) => `${name}\n\n${licenceOf(name)}\n`).join(`\n${'-'.repeat(80)}\n`);
}

function licenceOf(name: string): string {
  const folder = join('node_modules', name);
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  if (!file || !existsSync(join(folder, file))) throw new Error(`${name} has no licence file`);
  return readFileSync(join(folder, file), 'utf8').trim();
}
