import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
  files: string[];
};

/** Runs a program to its end; what it printed is in the error if it fails. */
function run(cwd: string, program: string, ...args: string[]): SpawnSyncReturns<string> {
  const ended = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 120_000 });
  if (ended.status !== 0) {
    throw new Error(
      `${program} ${args.join(' ')}: ${ended.error ?? `exit ${ended.status}`}\n${ended.stdout}\n${ended.stderr}`,
    );
  }
  return ended;
}

describe('the package, packed and installed into an empty folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-pack-'));
  const consumer = join(folder, 'consumer');
  const installed = join(consumer, 'node_modules/pair-policy');

  beforeAll(() => {
    // Without scripts: `npm test` has built already, and a build now would pull dist/ away from the other tests.
    run(root, 'npm', 'pack', '--ignore-scripts', '--pack-destination', folder);
    const tarball = join(folder, `pair-policy-${manifest.version}.tgz`);
    mkdirSync(consumer);
    writeFileSync(join(consumer, 'package.json'), '{ "name": "consumer", "type": "module" }');
    run(consumer, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', tarball);
  }, 240_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Every file of the installed package, dependencies aside, from its own root. */
  const files = (): string[] =>
    readdirSync(installed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1))
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => !file.startsWith('node_modules/'));

  it('runs as a command', () => {
    const command = join(consumer, 'node_modules/.bin/pair-policy');
    expect(run(consumer, command, '--version').stdout.trim()).toBe(manifest.version);
    expect(run(consumer, command, '--help').stdout).toContain('pair-policy');
  });

  it('can be imported from an ES module', () => {
    const source = "import { loadPolicy } from 'pair-policy';\nconsole.log(typeof loadPolicy);\n";
    writeFileSync(join(consumer, 'use.mjs'), source);
    expect(run(consumer, process.execPath, 'use.mjs').stdout.trim()).toBe('function');
  });

  it('has types that hold with library checks on, and are not any', () => {
    const lines = [
      "import { loadPolicy } from 'pair-policy';",
      // Were the types not found, or any, then this would be no error, and the expectation would be one.
      '// @ts-expect-error',
      "import { notThere } from 'pair-policy';",
      'export const used: (...values: never[]) => unknown = loadPolicy;',
      'void notThere;',
    ];
    writeFileSync(join(consumer, 'use.ts'), lines.join('\n'));
    const compilerOptions = {
      noEmit: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023'],
      // Every program for Node has these; zod's own types need the global URL from them.
      typeRoots: [join(root, 'node_modules/@types')],
      types: ['node'],
    };
    const config = JSON.stringify({ compilerOptions, files: ['use.ts'] });
    writeFileSync(join(consumer, 'tsconfig.json'), config);
    run(consumer, process.execPath, join(root, 'node_modules/typescript/bin/tsc'));
  }, 60_000);

  it('holds only what package.json lists', () => {
    const listed = [...manifest.files, 'package.json'];
    const isListed = (file: string): boolean =>
      listed.some((name) => file === name || file.startsWith(`${name}/`));
    expect(files().filter((file) => !isListed(file))).toEqual([]);
    expect(files()).toContain('dist/index.d.ts');
    expect(files()).toContain('schemas/policy.schema.json');
  });

  it('holds no tests, no TypeScript sources and no maps to them', () => {
    const isForeign = (file: string): boolean =>
      // `dist/cli/test/` is the command of that name.
      /^tests?\/|[.]test[.]|[.]map$/.test(file) ||
      (file.endsWith('.ts') && !file.endsWith('.d.ts'));
    // A policy's own tests are data that users read; they are named *.test.yaml.
    expect(files().filter((file) => isForeign(file) && !file.endsWith('.test.yaml'))).toEqual([]);
  });

  it('names no path of the machine that built it', () => {
    const ours = ['src', 'test', 'dist', 'node_modules'].map((name) => `${root}/${name}`);
    const tells = (file: string): boolean => {
      const text = readFileSync(join(installed, file), 'utf8');
      return ours.some((path) => text.includes(path));
    };
    expect(files().filter(tells)).toEqual([]);
  });
});
