/** The policy files as they last were whole: one that is being written, or has just gone, counts as it was. */
import { stat } from 'node:fs/promises';
import { basename, dirname, normalize } from 'node:path';
import { type Problem, startOf } from '../model/index.js';
import {
  classifyFileName,
  type PolicyFiles,
  readPolicyFiles,
  type SourceFile,
} from '../policy/index.js';
import type { FileWatch } from './watch/file-watch.js';

/** Reads policy files beside a watch of them. */
export class SettledReader {
  readonly #named: readonly string[];
  /** Which of the named paths are folders. */
  #folders: ReadonlySet<string> = new Set();
  #last: ReadonlyMap<string, SourceFile> = new Map();

  constructor(named: readonly string[]) {
    this.#named = named.map((path) => path && normalize(path));
  }

  /** What is to be watched: what is named, and the folders in which tests may lie beside a policy. */
  watchedPaths(): readonly string[] {
    const beside = this.#named.filter((path) => !this.#folders.has(path)).map(dirname);
    return [...new Set([...this.#named, ...beside])].filter((path) => path !== '');
  }

  /** Whether a file in a watched folder can matter. */
  isWatched(path: string): boolean {
    const kind = classifyFileName(basename(path));
    if (kind === 'tests') return true;
    return (kind === 'policy' || kind === 'misnamed') && this.#folders.has(dirname(path));
  }

  /** Finds out anew which of the named paths are folders; tells whether that changed what is to be watched. */
  async findFolders(): Promise<boolean> {
    const isFolder = (path: string) =>
      stat(path).then(
        (status) => status.isDirectory(),
        () => this.#folders.has(path),
      );
    const found = await Promise.all(this.#named.map(isFolder));
    const before = this.#folders;
    this.#folders = new Set(this.#named.filter((_, i) => found[i]));
    return this.#named.some((path) => before.has(path) !== this.#folders.has(path));
  }

  /** The files with what is wrong with them. Nothing is wrong yet with what is not settled. */
  async read(watch: FileWatch): Promise<PolicyFiles> {
    const found = await readPolicyFiles(this.#named);
    const errors = found.problems.filter(
      ({ severity, code }) => severity === 'error' && code !== 'NO_POLICY',
    );
    const touched = [...found.sources.map(({ path }) => path), ...errors.map(({ file }) => file)];
    // Asked after reading: what began to be written meanwhile was read in part.
    const unsettled = new Set([...(await watch.findUnsettled(touched)), ...watch.unsettled()]);
    const settled = found.sources.filter(({ path }) => !unsettled.has(path));
    const kept = [...this.#last.values()].filter(({ path }) => unsettled.has(path));
    const isFirst = this.#last.size === 0;
    const sources = [...settled, ...kept];
    const hasPolicy = sources.some(({ kind }) => kind === 'policy');
    const problems = found.problems.filter(
      ({ file, code }) => !(unsettled.has(file) || (code === 'NO_POLICY' && hasPolicy)),
    );
    // INVARIANT: what has no whole state yet is never left out of a first policy, nor makes an empty one.
    const isPartial = isFirst && settled.length < found.sources.length;
    if ((isPartial || !hasPolicy) && !problems.some(({ severity }) => severity === 'error')) {
      return { sources, problems: [...problems, beingWritten([...unsettled][0] ?? '.')] };
    }
    this.#last = new Map(sources.map((source) => [source.path, source]));
    return { sources, problems };
  }
}

function beingWritten(file: string): Problem {
  return {
    ...startOf(file),
    severity: 'error',
    code: 'FILE_UNREADABLE',
    message: 'this is being written, or has just gone',
    hint: 'write another file, and rename it to this one',
  };
}
