/** What lies at the paths that are watched, and by which names on the way it can be replaced. */
import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { dirname, join, normalize, parse, resolve, sep } from 'node:path';

/** A file or folder as it was found. */
export interface FoundFile {
  /** The same as long as nothing was written or replaced; undefined where there is nothing. */
  readonly print: string | undefined;
  /** In bytes; 0 for what is no regular file. */
  readonly size: number;
  /** When it was written last, in ms since the epoch; 0 where that cannot be told. */
  readonly writtenAt: number;
  /** The file and each link on the way to it, as absolute paths without links: who swaps one of them swaps the file. */
  readonly parts: readonly string[];
  /** The folders whose being moved or made moves or makes the file, likewise. */
  readonly holders: readonly string[];
  readonly isFolder: boolean;
}

/** Everything that was found at one moment. */
export interface Scan {
  /** By path as it was named; what is right in a named folder stands under `folder/name`. */
  readonly files: ReadonlyMap<string, FoundFile>;
  /** The folders in which a change would show, as absolute paths without links, with what tells one from a successor. */
  readonly folders: ReadonlyMap<string, string>;
  /** The named folders, from absolute path without links to each name for it. */
  readonly listed: ReadonlyMap<string, readonly string[]>;
}

/** Looks at each path, and at the files right in it where it is a folder. */
export async function scanFiles(
  paths: readonly string[],
  isWatched: (path: string) => boolean,
): Promise<Scan> {
  const scanner = new Scanner(isWatched);
  for (const path of paths) await scanner.add(normalize(path));
  return scanner;
}

/** As many links as Linux follows before it calls them a circle. */
const MOST_LINKS = 40;

type Trace = FoundFile & { readonly folder: string | undefined };

class Scanner implements Scan {
  readonly files = new Map<string, FoundFile>();
  readonly folders = new Map<string, string>();
  readonly listed = new Map<string, string[]>();
  /** Within one scan each name is looked at once. */
  readonly #statuses = new Map<string, Promise<BigIntStats>>();
  readonly #isWatched: (path: string) => boolean;

  constructor(isWatched: (path: string) => boolean) {
    this.#isWatched = isWatched;
  }

  async add(path: string): Promise<void> {
    const found = await this.#trace(resolve(path));
    this.files.set(path, found);
    if (found.folder === undefined) return;
    this.listed.set(found.folder, [...(this.listed.get(found.folder) ?? []), path]);
    await this.#watch(found.folder);
    await this.#addChildren(path, found.folder, found);
  }

  async #addChildren(path: string, folder: string, { parts }: FoundFile): Promise<void> {
    let names: readonly string[];
    try {
      names = await readdir(folder);
    } catch (error) {
      this.files.set(path, nothing(`error:${errnoOf(error)}`, parts, []));
      return;
    }
    const watched = names.filter((name) => this.#isWatched(join(path, name)));
    await Promise.all(
      watched.map(async (name) => {
        const child = await this.#trace(join(folder, name));
        // The last part of a folder is itself; those before it are links.
        const links = parts.slice(0, -1);
        this.files.set(join(path, name), { ...child, parts: [...links, ...child.parts] });
      }),
    );
  }

  /** Follows a path name by name, so that each link on the way is known. */
  async #trace(path: string): Promise<Trace> {
    const parts: string[] = [];
    let at = parse(path).root;
    const rest = namesOf(path);
    let links = 0;
    let here = at;
    let status: BigIntStats | undefined;
    try {
      while (rest.length > 0) {
        here = join(at, rest.shift() ?? '');
        status = await this.#status(here);
        if (!status.isSymbolicLink()) {
          at = here;
          continue;
        }
        parts.push(here);
        await this.#watch(at);
        links += 1;
        if (links > MOST_LINKS) return nothing('error:ELOOP', parts, []);
        const target = resolve(at, await readlink(here));
        at = parse(target).root;
        rest.unshift(...namesOf(target));
      }
    } catch (error) {
      // What appears where the way ended may be what is looked for.
      parts.push(here);
      await this.#watch(at);
      return nothing(isAbsence(error) ? undefined : `error:${errnoOf(error)}`, parts, [at]);
    }
    parts.push(at);
    const holder = dirname(at);
    await this.#watch(holder);
    await this.#watch(dirname(holder));
    const found = describe(status ?? (await this.#status(at)));
    return { ...found, parts, holders: [holder], folder: found.isFolder ? at : undefined };
  }

  #status(path: string): Promise<BigIntStats> {
    const known = this.#statuses.get(path);
    if (known) return known;
    const status = lstat(path, { bigint: true });
    this.#statuses.set(path, status);
    return status;
  }

  async #watch(folder: string): Promise<void> {
    if (this.folders.has(folder)) return;
    try {
      const { dev, ino, birthtimeNs } = await this.#status(folder);
      this.folders.set(folder, `${dev}:${ino}:${birthtimeNs}`);
    } catch {
      // It has gone since; the next scan finds what is left.
    }
  }
}

function namesOf(path: string): string[] {
  return path.slice(parse(path).root.length).split(sep).filter(Boolean);
}

function nothing(
  print: string | undefined,
  parts: readonly string[],
  holders: readonly string[],
): Trace {
  return { print, size: 0, writtenAt: 0, parts, holders, isFolder: false, folder: undefined };
}

function describe(status: BigIntStats): Omit<FoundFile, 'parts' | 'holders'> {
  const { dev, ino, size, mtimeNs, mtimeMs, ctimeNs, birthtimeNs } = status;
  if (status.isDirectory()) {
    // Its times change with every file in it, which is looked at itself.
    const print = `folder:${dev}:${ino}:${birthtimeNs}`;
    return { print, size: 0, writtenAt: 0, isFolder: true };
  }
  const print = `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  const bytes = status.isFile() ? Number(size) : 0;
  return { print, size: bytes, writtenAt: Number(mtimeMs), isFolder: false };
}

function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errnoOf(error));
}

function errnoOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
}
