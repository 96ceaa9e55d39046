/** The policy as it was at a commit: what `git` says lies at the same paths. Nothing is checked out, no shell runs. */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { buildPolicy, type LoadedPolicy } from '../../engine/index.js';
import { PairPolicyError, startOf } from '../../model/index.js';
import {
  classifyFileName,
  decodeText,
  MAX_POLICY_BYTES,
  ProblemList,
  quote,
  type SourceFile,
} from '../../policy/index.js';
import type { Terminal } from '../terminal.js';

const MAX_MS = 30_000;

/** Loads the policy files at `paths` as of the commit `ref`. Throws a `PairPolicyError`. */
export async function loadPolicyAt(
  ref: string,
  paths: readonly string[],
  env: Terminal['env'],
): Promise<LoadedPolicy> {
  const problems = new ProblemList();
  const sources: SourceFile[] = [];
  for (const path of paths) {
    try {
      sources.push(...(await readAt(ref, path, env, problems)));
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      problems.error('GIT', startOf(nameOf(ref, path)), error.message, error.hint);
    }
  }
  if (problems.hasErrors()) throw new PairPolicyError(problems.sorted());
  return buildPolicy(sources, problems.sorted());
}

class GitFailure extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

async function readAt(
  ref: string,
  path: string,
  env: Terminal['env'],
  problems: ProblemList,
): Promise<readonly SourceFile[]> {
  if (path.endsWith('.test.yaml')) return [];
  const isFolder = (await stat(path)).isDirectory();
  const git = (...args: string[]) => runGit(isFolder ? path : dirname(path), args, env);
  const commit = await findCommit(ref, git);
  const names = isFolder ? await listPolicies(ref, path, commit, git, problems) : [basename(path)];
  const sources: SourceFile[] = [];
  for (const name of names) {
    const file = nameOf(ref, isFolder ? join(path, name) : path);
    const text = decodeText(file, await git('cat-file', 'blob', `${commit}:./${name}`), problems);
    if (text !== undefined) sources.push({ path: file, text, kind: 'policy' });
  }
  return sources;
}

type Git = (...args: string[]) => Promise<Buffer>;

/** The commit's own name: a branch could move between two calls, and a name with a `:` mean something else. */
async function findCommit(ref: string, git: Git): Promise<string> {
  // What begins with a hyphen would be read as an option.
  if (ref.startsWith('-') || !/^[\x21-\x39\x3b-\x7e]+$/.test(ref)) {
    throw new GitFailure(`${quote(ref)} is no name of a commit`, 'write `git:origin/main`');
  }
  return (await git('rev-parse', '--verify', '--quiet', `${ref}^{commit}`)).toString().trim();
}

/** The policies of a folder as of the commit; its tests decide nothing and are left out. */
async function listPolicies(
  ref: string,
  folder: string,
  commit: string,
  git: Git,
  problems: ProblemList,
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const entry of (await git('ls-tree', '-z', commit, './')).toString().split('\0')) {
    const [, mode = '', path = ''] = /^(\d+) [^\t]*\t(.*)$/s.exec(entry) ?? [];
    const name = basename(path);
    const kind = classifyFileName(name);
    if (kind !== 'policy' && kind !== 'misnamed') continue;
    const place = startOf(nameOf(ref, join(folder, name)));
    if (kind === 'misnamed') {
      const message = 'policies are `*.yaml`: this file would be passed over';
      problems.error('FILE_EXTENSION', place, message, 'name a commit where it is `.yaml`');
    } else if (mode === '120000') {
      problems.error('GIT', place, 'this is a symbolic link', 'name the file that it leads to');
    } else if (mode.startsWith('100')) names.push(name);
  }
  if (names.length === 0 && !problems.hasErrors()) {
    throw new GitFailure('there is no policy here at that commit', 'name another commit');
  }
  return names;
}

/** How a file of a commit is named in problems, as git itself does. */
function nameOf(ref: string, path: string): string {
  return `${ref}:${path}`;
}

/** What git sets for its hooks, and what would lead away from the repository that the policy lies in. */
const NOT_PASSED_ON = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX'];

function runGit(folder: string, args: readonly string[], env: Terminal['env']): Promise<Buffer> {
  const passedOn = Object.entries(env).filter(([name]) => !NOT_PASSED_ON.includes(name));
  const options = {
    cwd: folder,
    // Messages in English; no lock is taken on a repository that is only read.
    env: { ...Object.fromEntries(passedOn), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' },
    encoding: 'buffer' as const,
    maxBuffer: MAX_POLICY_BYTES,
    timeout: MAX_MS,
  };
  return new Promise((resolve, reject) => {
    execFile('git', args, options, (error, stdout, stderr) => {
      if (error) reject(toFailure(error, stderr.toString()));
      else resolve(stdout);
    });
  });
}

function toFailure(
  error: Error & { code?: unknown; killed?: boolean },
  stderr: string,
): GitFailure {
  if (error.code === 'ENOENT') return new GitFailure('git was not found', 'install git');
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return new GitFailure(
      'what git gives is more than 8 MiB',
      'split the policy into several files',
    );
  }
  if (error.killed) return new GitFailure('git did not answer in time', 'try it by hand');
  const [first = ''] = stderr.replace(/^(fatal|error): /, '').split('\n');
  return first === ''
    ? new GitFailure(
        'there is no such commit',
        '`git fetch` it first; CI often clones without history',
      )
    : new GitFailure(`git says ${quote(first)}`, 'name a commit that has this path');
}
