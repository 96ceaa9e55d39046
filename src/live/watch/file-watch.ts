/**
 * Files that are watched until what they hold is settled. Two ways of changing a file must be told apart: one that is
 * replaced (renamed over, a link swapped) is whole at once, while one that is written in place is half-written for as
 * long as anybody writes, and says so by nothing but going quiet.
 */
import { platform } from 'node:os';
import { normalize, sep } from 'node:path';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { type ChangeKind, FolderWatches } from './folder-watches.js';
import { type Scan, scanFiles } from './scan-files.js';
import { lastKind, Settling } from './settling.js';

export interface FileWatchOptions {
  /** The files and folders, asked before each look. A folder stands for the files right in it that `isWatched` takes. */
  readonly paths: () => readonly string[];
  /** Whether a file in a folder matters, by `folder/name`. All do unless this is given. */
  readonly isWatched?: ((path: string) => boolean) | undefined;
  /** How long a file that is written in place must be quiet; 200 ms unless given. */
  readonly quietMs?: number | undefined;
  /** How long a file must be gone before that counts; 1,000 ms unless given. */
  readonly goneMs?: number | undefined;
  /** How often is looked without any event, for file systems that have none; 1,000 ms unless given. */
  readonly pollMs?: number | undefined;
  /** False where the file system's events are known to be worth nothing: then only looking helps. */
  readonly useEvents?: boolean | undefined;
  /** Told what is in the way of watching; looking goes on. */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** What is settled, for the reader who reads again. */
export interface Settled {
  /** The paths, normalised, that have settled since the last call. */
  readonly changed: ReadonlySet<string>;
  /** Those that are being written, or have been gone for less than `goneMs`: their last text still counts. */
  readonly unsettled: ReadonlySet<string>;
  /** When the first of the changes was noticed, on the clock of `performance.now()`. */
  readonly noticedAt: number;
}

export interface FileWatch {
  /** Resolves when a change from now on will be noticed. */
  readonly ready: Promise<void>;
  /**
   * Whether a path is now as it was when it settled. Asked after reading: where it is not, what was read may be half
   * of something, and another call follows.
   */
  isSettled(path: string): Promise<boolean>;
  /** The same for several paths: those that are not. */
  findUnsettled(paths: Iterable<string>): Promise<ReadonlySet<string>>;
  /** The paths that are being written, or have been gone for less than `goneMs`. */
  unsettled(): ReadonlySet<string>;
  /** Looks now, and resolves when nothing is being written, or after `atMostMs`. */
  quiet(atMostMs?: number): Promise<void>;
  /** Looks soon: to be called where `paths` answers something new. */
  renewed(): void;
  /** Resolves when the last call that was begun is done. */
  close(): Promise<void>;
}

/** Watches files, and calls each time some of them have settled; never a second call before the first is done. */
export function watchFiles(
  options: FileWatchOptions,
  onSettled: (settled: Settled) => void | Promise<void>,
): FileWatch {
  return new Watcher(options, onSettled);
}

/** How many looks are taken while a file must be quiet: one that sees nothing but a stale cache is not enough. */
const LOOKS_WHILE_QUIET = 4;

class Watcher implements FileWatch {
  readonly ready: Promise<void>;
  readonly #options: FileWatchOptions;
  readonly #onSettled: (settled: Settled) => void | Promise<void>;
  readonly #quietMs: number;
  readonly #settling: Settling;
  readonly #folders: FolderWatches;
  #scan: Scan | undefined;
  #concerns: ReadonlySet<string> = new Set();
  #events = new Map<string, ChangeKind>();
  /** When the first of these events came. */
  #noticedAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  /** The looks one after the other; none begins before the one before it is done. */
  #looking: Promise<void>;
  #toTell = new Map<string, number>();
  #telling: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: FileWatchOptions, onSettled: (settled: Settled) => void | Promise<void>) {
    this.#options = options;
    this.#onSettled = onSettled;
    this.#quietMs = options.quietMs ?? 200;
    this.#settling = new Settling({
      quietMs: this.#quietMs,
      goneMs: options.goneMs ?? 1000,
      // Elsewhere the events of a folder are gathered by the system, and a write can hide behind a rename.
      trustsEvents: this.#usesEvents && platform() === 'linux',
    });
    this.#folders = new FolderWatches(
      (path, kind) => this.#onEvent(path, kind),
      (error) => this.#report(error),
    );
    this.#looking = this.#begin().catch((error) => this.#report(error));
    this.ready = this.#looking;
  }

  get #usesEvents(): boolean {
    return this.#options.useEvents ?? true;
  }

  async isSettled(path: string): Promise<boolean> {
    return (await this.findUnsettled([path])).size === 0;
  }

  async findUnsettled(paths: Iterable<string>): Promise<ReadonlySet<string>> {
    const named = [...paths].map((path) => normalize(path));
    const scan = await scanFiles(named, () => false);
    await this.#drainEvents();
    const isSettled = (path: string) => {
      const settled = this.#settling.settledOf(path);
      if (!settled || settled.print !== scan.files.get(path)?.print) return false;
      return lastKind(settled.parts, this.#events) === undefined;
    };
    return new Set(named.filter((path) => !isSettled(path)));
  }

  unsettled(): ReadonlySet<string> {
    return this.#settling.unsettled();
  }

  async quiet(atMostMs = 1000): Promise<void> {
    const end = performance.now() + atMostMs;
    await this.#lookNow();
    while (this.#settling.unquiet().size > 0 && !this.#isClosed) {
      const left = end - performance.now();
      if (left <= 0) return;
      await delay(Math.min(left, this.#quietMs / LOOKS_WHILE_QUIET));
      await this.#lookNow();
    }
  }

  renewed(): void {
    this.#schedule(0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#folders.close();
    await this.#looking;
    // A look that was under way may have opened some.
    this.#folders.close();
    await this.#telling;
  }

  async #begin(): Promise<void> {
    let scan = await this.#take();
    // What changed before the folders were watched is seen by a second look.
    if (this.#usesEvents && this.#folders.renew(scan.folders)) scan = await this.#take();
    this.#settling.begin(scan, performance.now(), Date.now());
    this.#schedule(this.#pause());
  }

  async #take(): Promise<Scan> {
    const { paths, isWatched = () => true } = this.#options;
    const scan = await scanFiles(paths(), isWatched);
    this.#scan = scan;
    const found = [...scan.files.values()];
    this.#concerns = new Set(found.flatMap(({ parts, holders }) => [...parts, ...holders]));
    return scan;
  }

  #onEvent(path: string, kind: ChangeKind): void {
    if (this.#isClosed || !this.#isConcerned(path)) return;
    this.#events.set(path, kind);
    this.#noticedAt ??= performance.now();
    this.#schedule(1);
  }

  #isConcerned(path: string): boolean {
    if (this.#concerns.has(path)) return true;
    const { isWatched = () => true } = this.#options;
    for (const [folder, names] of this.#scan?.listed ?? []) {
      if (path === folder) return true;
      if (!path.startsWith(`${folder}${sep}`)) continue;
      const inner = path.slice(folder.length);
      if (names.some((name) => isWatched(normalize(`${name}${inner}`)))) return true;
    }
    return false;
  }

  #schedule(ms: number): void {
    const dueAt = performance.now() + ms;
    if (this.#isClosed || dueAt >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => void this.#lookNow(), ms);
  }

  #lookNow(): Promise<void> {
    clearTimeout(this.#timer);
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#looking = this.#looking
      .then(() => (this.#isClosed ? undefined : this.#look()))
      .catch((error) => {
        this.#report(error);
        this.#schedule(this.#pause());
      });
    return this.#looking;
  }

  #report(error: unknown): void {
    this.#options.onError?.(error as Error);
  }

  async #look(): Promise<void> {
    const before = this.#events;
    const noticedAt = this.#noticedAt ?? performance.now();
    this.#events = new Map();
    this.#noticedAt = undefined;
    const scan = await this.#take();
    const isMore = this.#usesEvents && this.#folders.renew(scan.folders);
    await this.#drainEvents();
    const settled = this.#settling.apply({
      scan,
      before,
      during: this.#events,
      noticedAt,
      now: performance.now(),
      wallNow: Date.now(),
    });
    for (const [path, since] of settled) this.#toTell.set(path, since);
    this.#tell();
    this.#schedule(isMore || this.#events.size > 0 ? 1 : this.#pause());
  }

  #pause(): number {
    const { pollMs = 1000 } = this.#options;
    const isWaiting = this.#settling.unsettled().size > 0;
    return isWaiting ? Math.min(pollMs, this.#quietMs / LOOKS_WHILE_QUIET) : pollMs;
  }

  /** Lets in the events of all that happened until now: those that are ready are read once in each turn. */
  async #drainEvents(): Promise<void> {
    if (!this.#usesEvents) return;
    await nextTurn();
    await nextTurn();
  }

  #tell(): void {
    if (this.#telling || this.#toTell.size === 0 || this.#isClosed) return;
    this.#telling = this.#tellAll().finally(() => {
      this.#telling = undefined;
    });
  }

  async #tellAll(): Promise<void> {
    while (this.#toTell.size > 0 && !this.#isClosed) {
      const told = this.#toTell;
      this.#toTell = new Map();
      const changed = new Set(told.keys());
      const noticedAt = Math.min(...told.values());
      try {
        await this.#onSettled({ changed, unsettled: this.unsettled(), noticedAt });
      } catch (error) {
        this.#report(error);
      }
    }
  }
}
