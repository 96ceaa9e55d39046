import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clocksAndChance, endsOfTheProcess, findImpureCalls } from './find-impure-calls.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Violation {
  rule: { name: string };
  from: string;
  to: string;
}

/** What dependency-cruiser says under the project's own laws about the tree in `folder`. */
function cruise(folder: string, ...parts: string[]): Violation[] {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(root, '.dependency-cruiser.mjs');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [program, ...parts, '--config', config, '--output-type', 'json'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  if (stdout === '') throw new Error(`dependency-cruiser said nothing: ${stderr}`);
  const { summary } = JSON.parse(stdout) as { summary: { violations: Violation[] } };
  return summary.violations;
}

const folders = ['model', 'policy', 'engine', 'live', 'stores', 'openclaw', 'simulate', 'cli'];

/** What is allowed: each of these files, with what it imports, must bring no violation. */
const lawful: Record<string, string[]> = {
  'src/index.ts': ['./policy/index.js', './live/index.js'],
  'src/model/address.ts': ['node:net'],
  'src/policy/use.ts': ['../model/index.js', 'node:crypto', 'yaml'],
  'src/policy/read-policy-files.ts': ['node:fs/promises'],
  'src/engine/use.ts': ['../model/index.js', '../policy/index.js', 'json-logic-js'],
  'src/simulate/read-recording.ts': ['node:fs', '../engine/index.js'],
  'src/live/prepare/use.ts': ['node:worker_threads', '../../engine/index.js'],
  'src/stores/use.ts': ['node:fs/promises', '../engine/index.js'],
  'src/live/status-server.ts': ['node:http', 'node:net'],
  'src/openclaw/use.ts': ['node:https', '../live/index.js'],
  'src/cli/use.ts': ['node:child_process', 'node:process', '../simulate/index.js'],
  'examples/use.ts': ['pair-policy', './gateway/part.js'],
  'test/model/use.test.ts': ['../../src/model/inner.js', 'fast-check'],
};

/** What is forbidden: a file, the one thing that it imports, and the law that it breaks. */
const unlawful: [file: string, imports: string, law: string][] = [
  ['src/model/up.ts', '../policy/index.js', 'arrows-point-up-from-model'],
  ['src/policy/up.ts', '../engine/index.js', 'arrows-point-up-from-policy'],
  ['src/engine/up.ts', '../live/index.js', 'arrows-point-up-from-engine'],
  ['src/live/up.ts', '../stores/index.js', 'arrows-point-up-from-live'],
  ['src/stores/up.ts', '../simulate/index.js', 'arrows-point-up-from-stores'],
  ['src/openclaw/up.ts', '../stores/index.js', 'arrows-point-up-from-openclaw'],
  ['src/simulate/up.ts', '../openclaw/index.js', 'arrows-point-up-from-simulate'],
  ['src/cli/up.ts', '../index.js', 'arrows-point-up-from-cli'],
  ['src/elsewhere/up.ts', '../model/index.js', 'every-folder-has-its-place'],
  ['src/engine/past.ts', '../model/inner.js', 'nobody-imports-past-an-index'],
  ['src/past.ts', './model/inner.js', 'the-library-imports-by-index'],
  ['src/with-cli.ts', './cli/index.js', 'the-library-is-without-the-command-line'],
  ['src/policy/disk.ts', 'node:fs', 'only-listed-files-touch-the-disk'],
  ['src/openclaw/disk.ts', 'fs/promises', 'only-listed-files-touch-the-disk'],
  ['src/live/program.ts', 'node:child_process', 'only-listed-files-start-programs'],
  ['src/simulate/network.ts', 'node:http', 'only-listed-files-use-the-network'],
  ['src/live/server.ts', 'node:http', 'only-listed-files-use-the-network'],
  ['src/live/socket.ts', 'node:net', 'only-listed-files-open-sockets'],
  ['src/engine/machine.ts', 'node:os', 'deciding-is-pure'],
  ['src/policy/timer.ts', 'timers', 'deciding-is-pure'],
  ['src/live/environment.ts', 'node:process', 'only-the-command-line-knows-the-process'],
  ['src/cli/some/some-command.ts', '../../engine/index.js', 'options-load-no-command'],
  ['src/live/back-and-forth.ts', './forth-and-back.js', 'no-cycles'],
  ['src/model/from-test.ts', '../../test/reference/inner.js', 'source-knows-no-tests'],
  ['examples/past.ts', '../src/model/inner.js', 'examples-import-the-package'],
  ['test/reference/shared.ts', '../../src/engine/index.js', 'the-reference-shares-no-code'],
  ['src/cli/development.ts', 'vitest', 'no-development-dependencies'],
  ['src/cli/undeclared.ts', 'not-declared', 'no-undeclared-dependencies'],
  ['src/cli/lost.ts', './nowhere.js', 'every-import-is-found'],
];

/** The packages of the tables above, as empty ones; the last is in no package.json. */
const packages = ['yaml', 'json-logic-js', 'vitest', 'fast-check', 'not-declared'];

function writeTree(tree: string): void {
  const write = (file: string, imports: string[]): void => {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    // The name is used as a value, so that the import is no type-only one.
    const lines = imports.map((name, at) => `import * as m${at} from '${name}';`);
    const uses = imports.map((_, at) => `m${at}`).join(', ');
    writeFileSync(join(tree, file), `${lines.join('\n')}\nexport const used = [${uses}];\n`);
  };
  for (const folder of folders) {
    write(`src/${folder}/index.ts`, ['./inner.js']);
    write(`src/${folder}/inner.ts`, []);
  }
  write('test/reference/inner.ts', []);
  write('examples/gateway/part.ts', []);
  write('test/reference/index.ts', ['./inner.js']);
  write('src/live/forth-and-back.ts', ['./back-and-forth.js']);
  write('src/engine/orphan.ts', []);
  for (const [file, imports] of Object.entries(lawful)) write(file, imports);
  for (const [file, name] of unlawful) write(file, [name]);
  for (const name of packages) {
    write(`node_modules/${name}/index.js`, []);
    writeFileSync(join(tree, 'node_modules', name, 'package.json'), JSON.stringify({ name }));
  }
  for (const file of ['package.json', 'tsconfig.json']) {
    writeFileSync(join(tree, file), readFileSync(join(root, file)));
  }
}

describe('the laws about imports', () => {
  it('hold in this project', { timeout: 60_000 }, () => {
    const violations = cruise(root, 'src', 'test', 'scripts', 'examples');
    expect(violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
  });

  describe('bite', () => {
    const tree = mkdtempSync(join(tmpdir(), 'laws-'));
    const lawsBrokenBy = new Map<string, string[]>();
    beforeAll(() => {
      writeTree(tree);
      for (const { from, rule } of cruise(tree, 'src', 'test', 'examples')) {
        lawsBrokenBy.set(from, [...(lawsBrokenBy.get(from) ?? []), rule.name]);
      }
    }, 60_000);
    afterAll(() => rmSync(tree, { recursive: true, force: true }));

    it.each(unlawful)('%s must not import %s', (file, _, law) => {
      expect(lawsBrokenBy.get(file)).toEqual([law]);
    });

    it('a file that nothing imports is reported', () => {
      expect(lawsBrokenBy.get('src/engine/orphan.ts')).toEqual(['no-orphans']);
    });

    it.each(Object.entries(lawful))('%s may import %s', (file) => {
      expect(lawsBrokenBy.get(file) ?? []).toEqual([]);
    });
  });
});

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'));

/** Each file of src/ that says a forbidden thing, as `file:line says`. */
function impureCalls(files: string[], forbidden: readonly string[]): string[] {
  return files.flatMap((file) =>
    findImpureCalls(readFileSync(join(root, 'src', file), 'utf8'), forbidden).map(
      ({ line, says }) => `src/${file}:${line} ${says}`,
    ),
  );
}

describe('the laws about calls', () => {
  // The same record, policy and context must give the same decision in every replay: the caller passes the time.
  it('model, policy and engine read no clock and no chance', () => {
    const pure = sources.filter((file) => /^(model|policy|engine)\//.test(file));
    expect(pure).not.toEqual([]);
    expect(impureCalls(pure, clocksAndChance)).toEqual([]);
  });

  // A library that ends the process takes the gateway down that runs it.
  it('only cli/ ends the process', () => {
    const library = sources.filter((file) => !file.startsWith('cli/'));
    expect(impureCalls(library, endsOfTheProcess)).toEqual([]);
  });

  it.each([
    ['const now = Date.now();', 'Date.now'],
    ['const read = Date.now;', 'Date.now'],
    ['const now = globalThis.Date.now();', 'Date.now'],
    ['const now = new Date();', 'new Date()'],
    ['const now = new Date;', 'new Date()'],
    ['const now = Date();', 'Date()'],
    ['const one = Math.random();', 'Math.random'],
    ['process.exit(1);', 'process.exit'],
    ['process.exitCode = 1;', 'process.exitCode'],
  ])('`%s` is found', (code, says) => {
    expect(findImpureCalls(`\n${code}`, [...clocksAndChance, ...endsOfTheProcess])).toEqual([
      { line: 2, says },
    ]);
  });

  it.each(['new Date(0);', '// Date.now()', "'process.exit'", 'process.argv;', 'date.now();'])(
    '`%s` is not',
    (code) => {
      expect(findImpureCalls(code, [...clocksAndChance, ...endsOfTheProcess])).toEqual([]);
    },
  );
});
