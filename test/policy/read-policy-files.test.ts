import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPolicy } from '../../src/engine/index.js';
import { PairPolicyError } from '../../src/model/index.js';
import { classifyFileName, readPolicyFiles } from '../../src/policy/index.js';

const RULE = 'version: 1\nrules:\n  - { id: a, action: hold, when: { role: node } }\n';
const MEBIBYTE = 1024 * 1024;

let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'pair-policy-'));
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A new folder with these files. */
function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(root, 'policies-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function codesOf(...paths: string[]): Promise<readonly string[]> {
  const { problems } = await readPolicyFiles(paths);
  return problems.map(({ code }) => code);
}

async function namesOf(...paths: string[]): Promise<readonly string[]> {
  const { sources } = await readPolicyFiles(paths);
  return sources.map(({ path, kind }) => `${kind} ${path.slice(path.lastIndexOf('/') + 1)}`);
}

describe('what cannot be read', () => {
  test('a file that is not there', async () => {
    expect(await codesOf(join(root, 'none.yaml'))).toEqual(['FILE_NOT_FOUND']);
    expect(await codesOf(join(folderOf({ a: RULE }), 'a', 'b.yaml'))).toEqual(['FILE_NOT_FOUND']);
    expect(await codesOf('')).toHaveLength(1);
    expect(await codesOf('a\0b.yaml')).toHaveLength(1);
    expect(await codesOf('x'.repeat(5_000))).toHaveLength(1);
  });

  test('a folder without policies', async () => {
    expect(await codesOf(folderOf({}))).toEqual(['NO_POLICY']);
    expect(await codesOf(folderOf({ 'a.test.yaml': RULE }))).toEqual(['NO_POLICY']);
    expect(await codesOf(folderOf({ '.a.yaml': RULE }))).toEqual(['NO_POLICY']);
    expect(await codesOf(folderOf({ 'a.txt': RULE }))).toEqual(['NO_POLICY', 'FILE_IGNORED']);
    expect(await codesOf()).toEqual(['NO_POLICY']);
  });

  test('what is no file: a pipe, a link in a circle, a link into nothing', async () => {
    const folder = folderOf({});
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    symlinkSync('circle.yaml', join(folder, 'circle.yaml'));
    symlinkSync('none', join(folder, 'none.yaml'));
    expect(await codesOf(join(folder, 'pipe.yaml'))).toEqual(['FILE_UNREADABLE']);
    expect(await codesOf(join(folder, 'circle.yaml'))).toEqual(['FILE_UNREADABLE']);
    expect(await codesOf(join(folder, 'none.yaml'))).toEqual(['FILE_NOT_FOUND']);
    expect(await codesOf('/dev/null')).toEqual(['FILE_UNREADABLE']);
    // In a folder they are named like policies, and are not passed over either.
    expect(await codesOf(folder)).toEqual(['FILE_UNREADABLE', 'FILE_NOT_FOUND', 'FILE_UNREADABLE']);
  });

  test('a folder named like a policy', async () => {
    const folder = folderOf({ 'a.yaml': RULE });
    mkdirSync(join(folder, 'b.yaml'));
    expect(await codesOf(folder)).toEqual(['FILE_UNREADABLE']);
  });

  test('a file or folder without permission', async ({ skip }) => {
    const folder = folderOf({ 'a.yaml': RULE });
    const closed = folderOf({ 'a.yaml': RULE });
    chmodSync(join(folder, 'a.yaml'), 0);
    chmodSync(closed, 0);
    const restore = dropRights();
    if (!restore) skip('runs as root, which no mode stops, and cannot give that up');
    try {
      expect(await codesOf(join(folder, 'a.yaml'))).toEqual(['FILE_UNREADABLE']);
      expect(await codesOf(closed)).toEqual(['FILE_UNREADABLE']);
      expect(await codesOf(join(closed, 'a.yaml'))).toEqual(['FILE_UNREADABLE']);
    } finally {
      restore?.();
      chmodSync(closed, 0o700);
    }
  });

  /** Root may read everything: be nobody for a while. Undefined where that is impossible. */
  function dropRights(): (() => void) | undefined {
    if (process.geteuid?.() !== 0) return () => undefined;
    try {
      chmodSync(root, 0o755);
      process.seteuid?.(65_534);
      return () => process.seteuid?.(0);
    } catch {
      return undefined;
    }
  }

  test.each([
    [8 * MEBIBYTE, 'FILE_NOT_TEXT'],
    [8 * MEBIBYTE + 1, 'FILE_TOO_LARGE'],
    [10_000_000, 'FILE_TOO_LARGE'],
    [10 ** 12, 'FILE_TOO_LARGE'],
  ])('a file of %d bytes', async (size, code) => {
    // The file has holes for bytes: it takes no room.
    const path = join(folderOf({ 'a.yaml': RULE }), 'a.yaml');
    truncateSync(path, size);
    expect(await codesOf(path)).toEqual([code]);
  });
});

describe('what is read', () => {
  test('a folder: its policies and tests by name', async () => {
    const folder = folderOf({
      'b.yaml': RULE,
      'a.yaml': RULE,
      'z.test.yaml': RULE,
      '.x.yaml': '[',
    });
    expect(await namesOf(folder)).toEqual(['policy a.yaml', 'policy b.yaml', 'tests z.test.yaml']);
  });

  test('a file, whatever its name, with the tests beside it', async () => {
    const folder = folderOf({
      'a.yaml': RULE,
      'a.test.yaml': RULE,
      'b.yaml': RULE,
      'b.test.yaml': RULE,
      'more.test.yaml': RULE,
      'policy.txt': RULE,
    });
    expect(await namesOf(join(folder, 'a.yaml'))).toEqual([
      'policy a.yaml',
      'tests a.test.yaml',
      'tests more.test.yaml',
    ]);
    expect(await namesOf(join(folder, 'policy.txt'))).toEqual([
      'policy policy.txt',
      'tests more.test.yaml',
    ]);
    expect(await namesOf(join(folder, 'b.yaml'), join(folder, 'a.yaml'))).toHaveLength(5);
  });

  test('a file that is named twice once', async () => {
    const folder = folderOf({ 'a.yaml': RULE });
    const path = join(folder, 'a.yaml');
    expect(await namesOf(path, path, folder, `${folder}/./a.yaml`)).toEqual(['policy a.yaml']);
  });

  test('a byte order mark is no part of the text', async () => {
    const { sources } = await readPolicyFiles([
      join(folderOf({ 'a.yaml': `\ufeff${RULE}` }), 'a.yaml'),
    ]);
    expect(sources[0]?.text).toBe(RULE);
  });
});

describe('what a file is by its name', () => {
  test.each([
    ['a.yaml', 'policy'],
    ['test.yaml', 'policy'],
    ['a.test.yaml', 'tests'],
    ['a.yml', 'misnamed'],
    ['a.YAML', 'misnamed'],
    ['a.test.yml', 'misnamed'],
    ['a.Test.Yaml', 'misnamed'],
    ['.a.yaml', 'hidden'],
    ['.test.yaml', 'hidden'],
    ['a.yaml.orig', 'other'],
    ['yaml', 'other'],
  ])('%s: %s', (name, kind) => {
    expect(classifyFileName(name)).toBe(kind);
  });
});

test('the problems of the disk and those of the texts are told together', async () => {
  const folder = folderOf({
    'a.yaml': 'version: 2\n',
    'b.yml': RULE,
    'c.yaml': Buffer.from([0xff]),
  });
  const error = await loadPolicy(folder).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PairPolicyError);
  expect((error as PairPolicyError).problems.map(({ code }) => code)).toEqual([
    'WRONG_WORD',
    'FILE_EXTENSION',
    'FILE_NOT_TEXT',
  ]);
});
