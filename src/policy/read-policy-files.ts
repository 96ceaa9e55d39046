/** The policy files on disk: which there are, and their text. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { type Problem, type ProblemCode, startOf } from '../model/index.js';
import { classifyFileName } from './classify-file-name.js';
import type { SourceFile } from './merge-policy.js';
import { ProblemList } from './problem-list.js';

/** The longest policy file that is read. */
export const MAX_POLICY_BYTES = 8 * 1024 * 1024;

export interface PolicyFiles {
  readonly sources: readonly SourceFile[];
  readonly problems: readonly Problem[];
}

/**
 * Reads policy files and folders, with the `*.test.yaml` files beside them. A folder's `*.yaml` are
 * policies; a file that is named is taken whatever its name.
 */
export async function readPolicyFiles(paths: readonly string[]): Promise<PolicyFiles> {
  const problems = new ProblemList();
  const found = new Map<string, SourceFile['kind']>();
  for (const path of paths) await findFiles(path, found, problems);
  const sources: SourceFile[] = [];
  for (const [path, kind] of found) {
    const text = await readText(path, problems);
    if (text !== undefined) sources.push({ path, text, kind });
  }
  if (!problems.hasErrors() && !sources.some((source) => source.kind === 'policy')) {
    const where = paths[0] ?? '.';
    problems.error(
      'NO_POLICY',
      startOf(where),
      'there is no policy here',
      'name a policy file, or a folder with `*.yaml`',
    );
  }
  return { sources, problems: problems.sorted() };
}

async function findFiles(
  named: string,
  found: Map<string, SourceFile['kind']>,
  problems: ProblemList,
): Promise<void> {
  // An empty name is no name for the current folder: a variable of a shell was not set.
  const path = named && normalize(named);
  try {
    const status = await stat(path);
    if (status.isDirectory()) return await findInFolder(path, found, problems);
    if (!status.isFile()) {
      return problems.error(
        'FILE_UNREADABLE',
        startOf(path),
        'not a regular file',
        'name a file or a folder',
      );
    }
    found.set(path, kindOf(path));
    if (kindOf(path) === 'policy') await findTestsBeside(path, found);
  } catch (error) {
    reportUnreadable(path, error, problems);
  }
}

async function findInFolder(
  folder: string,
  found: Map<string, SourceFile['kind']>,
  problems: ProblemList,
): Promise<void> {
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    const kind = classifyFileName(name);
    // Whatever it is, it is named like a policy: not to be passed over in silence.
    if (kind === 'policy' || kind === 'tests') found.set(path, kind);
    else if (kind === 'misnamed') {
      const message = 'policies are `*.yaml`: this file would be passed over';
      const hint = `rename it to \`${name.replace(/[.]ya?ml$/i, '.yaml')}\``;
      problems.error('FILE_EXTENSION', startOf(path), message, hint);
    } else if (kind === 'other') {
      const hint = 'move it elsewhere';
      problems.add('note', 'FILE_IGNORED', startOf(path), 'ignored: not `*.yaml`', hint);
    }
  }
}

/** The test files beside one policy file, but those that are named for another policy. */
async function findTestsBeside(
  path: string,
  found: Map<string, SourceFile['kind']>,
): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder);
  for (const name of names.sort()) {
    if (classifyFileName(name) !== 'tests') continue;
    const owner = `${name.slice(0, -'.test.yaml'.length)}.yaml`;
    if (owner !== basename(path) && names.includes(owner)) continue;
    found.set(join(folder, name), 'tests');
  }
}

function kindOf(path: string): SourceFile['kind'] {
  return path.endsWith('.test.yaml') ? 'tests' : 'policy';
}

async function readText(path: string, problems: ProblemList): Promise<string | undefined> {
  try {
    const status = await stat(path);
    if (!status.isFile()) {
      const hint = 'only regular files can be policies';
      problems.error('FILE_UNREADABLE', startOf(path), 'not a regular file', hint);
      return undefined;
    }
    const { size } = status;
    if (size > MAX_POLICY_BYTES) {
      problems.error(
        'FILE_TOO_LARGE',
        startOf(path),
        `${size} bytes are more than 8 MiB`,
        'split it into several files',
      );
      return undefined;
    }
    return decodeText(path, await readFile(path), problems);
  } catch (error) {
    reportUnreadable(path, error, problems);
    return undefined;
  }
}

/** Bytes as text, or the problem that they are none. */
export function decodeText(
  path: string,
  bytes: Uint8Array,
  problems: ProblemList,
): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Reported below with the NUL bytes: either way it is no text.
  }
  problems.error(
    'FILE_NOT_TEXT',
    startOf(path),
    'this is not UTF-8 text',
    'save the file as UTF-8',
  );
  return undefined;
}

const REASONS: Readonly<Record<string, readonly [ProblemCode, string, string]>> = {
  ENOENT: ['FILE_NOT_FOUND', 'there is no such file or folder', 'check the path'],
  ENOTDIR: ['FILE_NOT_FOUND', 'there is no such file or folder', 'check the path'],
  EACCES: ['FILE_UNREADABLE', 'no permission to read this', 'check owner and mode'],
  EPERM: ['FILE_UNREADABLE', 'no permission to read this', 'check owner and mode'],
  ELOOP: ['FILE_UNREADABLE', 'symbolic links go in a circle', 'mend the link'],
};

/** Says why a file or folder cannot be read. */
export function reportUnreadable(path: string, error: unknown, problems: ProblemList): void {
  const errno = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  const [code, message, hint] = REASONS[errno] ?? [
    'FILE_UNREADABLE',
    `cannot be read: ${errno}`,
    'check the path',
  ];
  problems.error(code, startOf(path), message, hint);
}
