/** New files: whole or not at all, and never in place of others. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PairPolicyError, type Problem, startOf } from '../../model/index.js';
import { PACKAGE_ROOT } from '../package-root.js';

/** A file that is to be written; `shown` is how a person named it. */
export interface NewFile {
  readonly path: string;
  readonly shown: string;
}

/** Throws where one of the files is there already, be it a dangling link. */
export async function refuseExisting(files: readonly NewFile[]): Promise<void> {
  const found = await Promise.all(files.map(({ path }) => isThere(path)));
  const problems = files.filter((_file, i) => found[i]).map(existsProblem);
  if (problems.length > 0) throw new PairPolicyError(problems);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    // Why it cannot be seen, writing will tell.
    return false;
  }
}

/** Writes all of the files or none. */
export async function writeNewFiles(
  files: readonly (NewFile & { readonly text: string })[],
): Promise<void> {
  const written: string[] = [];
  const drafts: string[] = [];
  let current: NewFile | undefined;
  try {
    for (const file of files) {
      current = file;
      await mkdir(dirname(file.path), { recursive: true });
      const draft = join(dirname(file.path), `.${randomUUID()}.tmp`);
      drafts.push(draft);
      await writeFile(draft, file.text, { flag: 'wx' });
      // Unlike a rename, a link never replaces a file.
      await link(draft, file.path);
      written.push(file.path);
    }
  } catch (error) {
    await Promise.all(written.map((path) => rm(path, { force: true })));
    throw current ? new PairPolicyError([writeProblem(current, error)]) : error;
  } finally {
    await Promise.all(drafts.map((path) => rm(path, { force: true })));
  }
}

function writeProblem(file: NewFile, error: unknown): Problem {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') return existsProblem(file);
  const message = `it could not be written: ${code}`;
  const hint = 'check the folder and its permissions; nothing was written';
  return { ...startOf(file.shown), severity: 'error', code: 'WRITE_FAILED', message, hint };
}

function existsProblem({ shown }: NewFile): Problem {
  const message = 'this file is there already, and is never overwritten';
  const hint = 'name another folder with `--dir`, or move the file away; nothing was written';
  return { ...startOf(shown), severity: 'error', code: 'FILE_EXISTS', message, hint };
}

/**
 * The way from a folder to the schemas: those of the package as it is installed above the folder, so
 * that the line is the same for all who work there, else those of the package that runs.
 */
export function findSchemas(folder: string): string {
  const own = fileURLToPath(new URL('schemas', PACKAGE_ROOT));
  let above = folder;
  for (;;) {
    const installed = join(above, 'node_modules', 'pair-policy', 'schemas');
    const parent = dirname(above);
    if (existsSync(installed) || parent === above) {
      const schemas = existsSync(installed) ? installed : own;
      return relative(folder, schemas).split(sep).join('/');
    }
    above = parent;
  }
}
