/** Each trap of hot reload, by name. */
import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  copyFile,
  mkdir,
  rename,
  rm,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { geteuid, seteuid } from 'node:process';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  denying,
  eventually,
  follow,
  replace,
  rulesOf,
  writeOld,
  writeTorn,
} from './followed-policy.js';
import { temporaryFolder } from './watch/watched-folder.js';

const run = promisify(execFile);
/** So long that what is in force within a test did not wait for quiet. */
const NEVER_QUIET = { quietMs: 60_000 };

/** For the rest of the test: root may read everything. */
async function actAsNobody(...paths: readonly string[]): Promise<void> {
  if (geteuid?.() !== 0) return;
  const nobody = 65_534;
  for (const path of paths) await chown(path, nobody, nobody);
  seteuid?.(nobody);
  onTestFinished(() => seteuid?.(0));
}

async function oneFile(text = denying('one')): Promise<string> {
  return writeOld(join(await temporaryFolder(), 'policy.yaml'), text);
}

describe('a file written in two halves', () => {
  it.each([0, 1, 3, 10, 20, 30, 45, 60, 80, 100])(
    '%i ms apart: the whole is in force, the half never was',
    async (pause) => {
      const path = await oneFile();
      const { live, told } = await follow(path);
      // The first half parses, and lacks the second rule.
      const whole = denying('two', 'three');
      const cut = whole.indexOf('  - { id: three');
      await writeTorn(path, [whole.slice(0, cut), whole.slice(cut)], pause);
      await eventually(() => expect(rulesOf(live)).toEqual(['two', 'three']));
      expect(told).toMatchObject([{ event: 'reloaded', generation: 2, removed: ['one'] }]);
    },
  );

  it('while another file is replaced: that one is in force at once, the half is not', async () => {
    const folder = await temporaryFolder();
    const a = await writeOld(join(folder, 'a.yaml'), denying('a1', 'a2'));
    const b = await writeOld(join(folder, 'b.yaml'), denying('b1'));
    const { live, told } = await follow(folder, NEVER_QUIET);
    await writeFile(a, denying('a3'));
    await replace(b, denying('b2'));
    await eventually(() => expect(rulesOf(live)).toEqual(['a1', 'a2', 'b2']));
    expect(told).toMatchObject([{ event: 'reloaded', added: ['b2'], removed: ['b1'] }]);
  });
});

describe('an editor', () => {
  it.each<[string, (path: string, text: string) => Promise<unknown>]>([
    ['that renames the new over the old', replace],
    [
      'that writes beside, and moves the old aside first',
      async (path, text) => {
        await writeFile(`${path}.new`, text);
        await rename(path, `${path}~`);
        await rename(`${path}.new`, path);
      },
    ],
  ])('%s: at once', async (_, save) => {
    const path = await oneFile();
    const { live, told } = await follow(path, NEVER_QUIET);
    await save(path, denying('two'));
    await eventually(() => expect(rulesOf(live)).toEqual(['two']));
    await save(path, denying('three'));
    await eventually(() => expect(rulesOf(live)).toEqual(['three']));
    expect(told.map(({ event }) => event)).not.toContain('rejected');
  });

  it('sed -i: at once', async () => {
    const path = await oneFile();
    const { live } = await follow(path, NEVER_QUIET);
    await run('sed', ['-i', 's/one/two/g', path]);
    await eventually(() => expect(rulesOf(live)).toEqual(['two']));
  });

  it.each<[string, (path: string, parts: readonly [string, string]) => Promise<unknown>]>([
    [
      'that keeps a copy (emacs) and writes in place',
      async (path, parts) => {
        await copyFile(path, `${path}~`);
        await writeTorn(path, parts, 50);
      },
    ],
    [
      'that moves the old to a backup (vim) and writes a new one',
      async (path, parts) => {
        await rename(path, `${path}~`);
        await writeTorn(path, parts, 50);
        await chmod(path, 0o600);
        await unlink(`${path}~`);
      },
    ],
  ])('%s: when it is quiet, and nothing is rejected', async (_, save) => {
    const path = await oneFile();
    const { live, told } = await follow(path);
    await save(path, [denying('two'), '  - { id: three, action: hold, when: { role: node } }\n']);
    await eventually(() => expect(rulesOf(live)).toEqual(['two', 'three']));
    expect(told.map(({ event }) => event)).toEqual(['reloaded']);
  });
});

describe('a ConfigMap', () => {
  it('whose ..data is swapped is in force at once, as often as it is', async () => {
    const folder = await temporaryFolder();
    const publish = async (version: string) => {
      await mkdir(join(folder, `..${version}`));
      await writeOld(join(folder, `..${version}`, 'policy.yaml'), denying(version));
      await symlink(`..${version}`, join(folder, '..data_tmp'));
      await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    await publish('v1');
    await symlink(join('..data', 'policy.yaml'), join(folder, 'policy.yaml'));
    const { live: byFile } = await follow(join(folder, 'policy.yaml'), NEVER_QUIET);
    const { live: byFolder } = await follow(folder, NEVER_QUIET);
    for (const version of ['v2', 'v3', 'v4']) {
      await publish(version);
      await eventually(() => expect(rulesOf(byFile)).toEqual([version]));
      await eventually(() => expect(rulesOf(byFolder)).toEqual([version]));
    }
  });
});

describe('a file that is deleted', () => {
  it('stays in force, is said to be missing, and is followed when it is made again', async () => {
    const path = await oneFile();
    const { live, told } = await follow(path, { goneMs: 100 });
    await rm(path);
    await eventually(() => expect(told).toMatchObject([{ event: 'rejected' }]));
    expect(told[0]).toMatchObject({ problems: [{ code: 'FILE_NOT_FOUND' }] });
    expect(rulesOf(live)).toEqual(['one']);
    await writeTorn(path, [denying('two'), '# the end\n'], 20);
    await eventually(() => expect(rulesOf(live)).toEqual(['two']));
  });

  it('with its folder, likewise', async () => {
    const folder = join(await temporaryFolder(), 'policies');
    await mkdir(folder);
    await writeOld(join(folder, 'policy.yaml'), denying('one'));
    const { live, told } = await follow(folder, { goneMs: 100 });
    await rm(folder, { recursive: true });
    await eventually(() => expect(told.at(-1)).toMatchObject({ event: 'rejected' }));
    expect(rulesOf(live)).toEqual(['one']);
    await mkdir(folder);
    await writeFile(join(folder, 'policy.yaml'), denying('two'));
    await eventually(() => expect(rulesOf(live)).toEqual(['two']));
    await replace(join(folder, 'policy.yaml'), denying('three'));
    await eventually(() => expect(rulesOf(live)).toEqual(['three']));
  });
});

describe('a policy folder', () => {
  async function twoFiles(): Promise<{ folder: string; a: string; b: string }> {
    const folder = await temporaryFolder();
    const a = await writeOld(join(folder, 'a.yaml'), denying('a'));
    const b = await writeOld(join(folder, 'b.yaml'), denying('b'));
    return { folder, a, b };
  }

  it('whose file has gone for less than it takes keeps the rules of it', async () => {
    const { folder, a, b } = await twoFiles();
    const { live, told } = await follow(folder, { goneMs: 60_000 });
    await rm(b);
    // That the other is enforced tells that the absence was seen as well.
    await replace(a, denying('a2'));
    await eventually(() => expect(rulesOf(live)).toEqual(['a2', 'b']));
    await writeFile(`${b}.new`, denying('b2'));
    await rename(`${b}.new`, b);
    await eventually(() => expect(rulesOf(live)).toEqual(['a2', 'b2']));
    expect(told.map(({ event }) => event)).toEqual(['reloaded', 'reloaded']);
  });

  it('whose file has gone for longer loses the rules of it, by name', async () => {
    const { folder, b } = await twoFiles();
    const { live, told } = await follow(folder, { goneMs: 100 });
    await rm(b);
    await eventually(() => expect(rulesOf(live)).toEqual(['a']));
    expect(told).toMatchObject([{ event: 'reloaded', removed: ['b'], added: [] }]);
  });

  it('whose last file has gone keeps all', async () => {
    const { folder, a, b } = await twoFiles();
    const { live, told } = await follow(folder, { goneMs: 100 });
    await Promise.all([rm(a), rm(b)]);
    await eventually(() => expect(told.at(-1)).toMatchObject({ event: 'rejected' }));
    expect(told.at(-1)).toMatchObject({ problems: [{ code: 'NO_POLICY' }] });
    expect(rulesOf(live)).toContain('a');
  });

  it('that gets a file takes its rules', async () => {
    const { folder } = await twoFiles();
    const { live, told } = await follow(folder);
    await writeTorn(join(folder, 'c.yaml'), [denying('c'), '# the end\n'], 50);
    await eventually(() => expect(rulesOf(live)).toEqual(['a', 'b', 'c']));
    expect(told).toMatchObject([{ event: 'reloaded', added: ['c'] }]);
  });

  it('that gets a misnamed file says so, and changes nothing', async () => {
    const { folder } = await twoFiles();
    const { live, told } = await follow(folder);
    await writeFile(join(folder, 'c.yml'), denying('c'));
    await eventually(() => expect(told).toMatchObject([{ event: 'rejected' }]));
    expect(rulesOf(live)).toEqual(['a', 'b']);
  });

  it('that is replaced as a whole is followed', async () => {
    const parent = await temporaryFolder();
    const folder = join(parent, 'policies');
    await mkdir(folder);
    await writeOld(join(folder, 'a.yaml'), denying('a'));
    const { live } = await follow(folder);
    await mkdir(join(parent, 'next'));
    await writeOld(join(parent, 'next', 'a.yaml'), denying('b'));
    await rename(folder, join(parent, 'before'));
    await rename(join(parent, 'next'), folder);
    await eventually(() => expect(rulesOf(live)).toEqual(['b']));
    await replace(join(folder, 'a.yaml'), denying('c'));
    await eventually(() => expect(rulesOf(live)).toEqual(['c']));
  });

  it('that is a link to another is followed to where it points', async () => {
    const parent = await temporaryFolder();
    for (const name of ['v1', 'v2']) {
      await mkdir(join(parent, name));
      await writeOld(join(parent, name, 'a.yaml'), denying(name));
    }
    await symlink('v1', join(parent, 'now'));
    const { live } = await follow(join(parent, 'now'), NEVER_QUIET);
    await symlink('v2', join(parent, 'next'));
    await rename(join(parent, 'next'), join(parent, 'now'));
    await eventually(() => expect(rulesOf(live)).toEqual(['v2']));
    await replace(join(parent, 'v2', 'a.yaml'), denying('v3'));
    await eventually(() => expect(rulesOf(live)).toEqual(['v3']));
  });
});

describe('a file system without events', () => {
  const SILENT = { useEvents: false, pollMs: 20 };

  it('is looked at: what is replaced is in force', async () => {
    const path = await oneFile();
    const { live } = await follow(path, SILENT);
    await replace(path, denying('two'));
    await eventually(() => expect(rulesOf(live)).toEqual(['two']));
  });

  it('is looked at: what is torn is in force when it is whole', async () => {
    const path = await oneFile();
    const { live, told } = await follow(path, SILENT);
    const whole = denying('two', 'three');
    const cut = whole.indexOf('  - { id: three');
    await writeTorn(path, [whole.slice(0, cut), whole.slice(cut)], 100);
    await eventually(() => expect(rulesOf(live)).toEqual(['two', 'three']));
    expect(told.map(({ event }) => event)).toEqual(['reloaded']);
  });
});

describe('what cannot be in force', () => {
  const failing = `${denying('two')}tests:\n  - { name: wrong, connect: {}, expect: approve }\n`;

  it.each<[string, string | Uint8Array, string]>([
    ['no YAML', 'version: 1\nrules: [', 'YAML_SYNTAX'],
    ['no policy', 'version: 1\nrules: 3\n', 'WRONG_TYPE'],
    ['bytes that are not UTF-8', Uint8Array.of(0x76, 0xff, 0xfe), 'FILE_NOT_TEXT'],
    ['a policy whose own tests fail', failing, 'TEST_FAILED'],
    ['nothing', '', 'FILE_EMPTY'],
  ])('%s is rejected with its place, and changes nothing', async (_, text, code) => {
    const path = await oneFile();
    const { live, told } = await follow(path);
    const before = live.current;
    await replace(path, text);
    await eventually(() => expect(told).toMatchObject([{ event: 'rejected' }]));
    expect(told[0]).toMatchObject({
      problems: expect.arrayContaining([expect.objectContaining({ code, file: path })]),
    });
    expect(live.current).toBe(before);
    expect(live.generation).toBe(1);
    await replace(path, denying('two'));
    await eventually(() => expect(rulesOf(live)).toEqual(['two']));
  });

  it('a file that nobody may read', async () => {
    const path = await oneFile();
    await actAsNobody(dirname(path), path);
    const { live, told } = await follow(path);
    await chmod(path, 0);
    await eventually(() => expect(told).toMatchObject([{ event: 'rejected' }]));
    expect(told[0]).toMatchObject({ problems: [{ code: 'FILE_UNREADABLE' }] });
    expect(rulesOf(live)).toEqual(['one']);
    await chmod(path, 0o600);
    await eventually(() => expect(told.at(-1)).toMatchObject({ event: 'unchanged' }));
  });

  it('a folder in the place of the file, or a link that leads nowhere', async () => {
    const path = await oneFile();
    const { live, told } = await follow(path, { goneMs: 100 });
    await rm(path);
    await symlink('nowhere', path);
    await eventually(() => expect(told).toMatchObject([{ event: 'rejected' }]));
    await rm(path);
    await mkdir(path);
    const rejected = { event: 'rejected', problems: [{ code: 'NO_POLICY' }] };
    await eventually(() => expect(told.at(-1)).toMatchObject(rejected));
    expect(rulesOf(live)).toEqual(['one']);
  });
});
