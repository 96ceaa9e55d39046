/** Policy files that are watched, and the policy that they make: whole, or the one before it. */
import type { LoadedPolicy } from '../engine/index.js';
import { PairPolicyError } from '../model/index.js';
import type { PolicyFiles } from '../policy/index.js';
import { Listeners } from './listeners.js';
import type { LivePolicy, LivePolicyEvents, ReloadCount } from './live-policy.js';
import { PolicyPreparer } from './prepare/prepare-policy.js';
import { SettledReader } from './read-settled.js';
import { type FileWatch, type FileWatchOptions, watchFiles } from './watch/file-watch.js';

export interface LivePolicyOptions
  extends Pick<FileWatchOptions, 'quietMs' | 'goneMs' | 'pollMs' | 'useEvents'> {
  /** Told what is in the way of watching, and what a listener throws; a warning of the process unless given. */
  readonly onError?: ((error: Error) => void) | undefined;
  /** Where the program of the checking thread lies; beside this file unless given. */
  readonly workerUrl?: URL | undefined;
}

/** How long the first load waits for somebody to finish writing. */
const FIRST_PATIENCE_MS = 5000;

/**
 * Loads policy files and folders, and follows them: what they come to hold is in force when it is whole, in order and
 * passes its own tests, and else changes nothing. Throws as `loadPolicy` does, and where the policy's own tests fail.
 */
export async function createLivePolicy(
  paths: string | readonly string[],
  options: LivePolicyOptions = {},
): Promise<LivePolicy> {
  const onError = options.onError ?? warn;
  const reader = new SettledReader([paths].flat());
  await reader.findFolders();
  let live: FollowedPolicy | undefined;
  const watch = watchFiles(
    {
      ...options,
      onError,
      paths: () => reader.watchedPaths(),
      isWatched: (path) => reader.isWatched(path),
    },
    // What settles before the first load is read by it.
    ({ noticedAt }) => live?.reload(noticedAt),
  );
  const preparer = new PolicyPreparer(onError, options.workerUrl);
  try {
    await watch.ready;
    await watch.quiet(FIRST_PATIENCE_MS);
    const files = await reader.read(watch);
    const current = await preparer.prepare(files);
    live = new FollowedPolicy({ reader, watch, preparer, onError }, files, current);
    // What came between the reading and now was told to nobody.
    await live.reload(performance.now(), 'quietly');
    return live;
  } catch (error) {
    await Promise.all([watch.close(), preparer.close()]);
    throw error;
  }
}

interface Parts {
  readonly reader: SettledReader;
  readonly watch: FileWatch;
  readonly preparer: PolicyPreparer;
  readonly onError: (error: Error) => void;
}

class FollowedPolicy implements LivePolicy {
  current: LoadedPolicy;
  generation = 1;
  readonly #parts: Parts;
  readonly #listeners: Listeners<LivePolicyEvents>;
  readonly #reloads: Record<keyof LivePolicyEvents, ReloadCount> = {
    reloaded: { count: 0, last: undefined },
    rejected: { count: 0, last: undefined },
    unchanged: { count: 0, last: undefined },
  };
  /** The files that made what is in force. */
  #files: PolicyFiles;
  /** The reloads one after the other: an older content never comes after a newer one. */
  #reloading: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(parts: Parts, files: PolicyFiles, current: LoadedPolicy) {
    this.#parts = parts;
    this.#listeners = new Listeners(parts.onError);
    this.current = current;
    this.#files = files;
  }

  get reloads(): Readonly<Record<keyof LivePolicyEvents, ReloadCount>> {
    return { ...this.#reloads };
  }

  on<E extends keyof LivePolicyEvents>(
    event: E,
    listener: (event: LivePolicyEvents[E]) => void,
  ): () => void {
    return this.#listeners.on(event, listener);
  }

  async refresh(): Promise<void> {
    const noticedAt = performance.now();
    await this.#parts.watch.quiet();
    await this.reload(noticedAt);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#parts.watch.close();
    // What the thread is at is of no use to anybody.
    await this.#parts.preparer.close();
    await this.#reloading;
  }

  /** Reads again; `quietly` says nothing where nothing changed. */
  reload(noticedAt: number, manner: 'quietly' | 'openly' = 'openly'): Promise<void> {
    const reload = this.#reloading.then(() => this.#reload(noticedAt, manner));
    this.#reloading = reload.catch((error) => this.#parts.onError(error as Error));
    return this.#reloading;
  }

  async #reload(noticedAt: number, manner: 'quietly' | 'openly'): Promise<void> {
    if (this.#isClosed) return;
    const { reader, watch, preparer } = this.#parts;
    if (await reader.findFolders()) watch.renewed();
    const files = await reader.read(watch);
    if (areSame(files, this.#files)) {
      if (manner === 'openly') this.#tell('unchanged', { revision: this.current.revision });
      return;
    }
    try {
      const policy = await preparer.prepare(files);
      if (!this.#isClosed) this.#enforce(policy, files, noticedAt);
    } catch (error) {
      if (this.#isClosed) return;
      if (!(error instanceof PairPolicyError)) throw error;
      const { problems, sources } = error;
      this.#tell('rejected', { problems, sources });
    }
  }

  #enforce(policy: LoadedPolicy, files: PolicyFiles, noticedAt: number): void {
    const before = this.current;
    this.current = policy;
    this.#files = files;
    const { revision } = policy;
    if (revision === before.revision) {
      this.#tell('unchanged', { revision });
      return;
    }
    this.generation += 1;
    const ids = idsOf(policy);
    const idsBefore = idsOf(before);
    this.#tell('reloaded', {
      policy,
      generation: this.generation,
      removed: [...idsBefore].filter((id) => !ids.has(id)),
      added: [...ids].filter((id) => !idsBefore.has(id)),
      tookMs: performance.now() - noticedAt,
    });
  }

  #tell<E extends keyof LivePolicyEvents>(event: E, value: LivePolicyEvents[E]): void {
    this.#reloads[event] = { count: this.#reloads[event].count + 1, last: Date.now() };
    this.#listeners.tell(event, value);
  }
}

function idsOf({ document }: LoadedPolicy): ReadonlySet<string> {
  return new Set(document.rules.map(({ id }) => id));
}

/** Whether the same files hold the same texts, and the same is wrong with them. */
function areSame(some: PolicyFiles, others: PolicyFiles): boolean {
  const texts = new Map(some.sources.map((source) => [source.path, source]));
  return (
    some.sources.length === others.sources.length &&
    others.sources.every(({ path, text, kind }) => {
      const source = texts.get(path);
      return source?.text === text && source.kind === kind;
    }) &&
    JSON.stringify(some.problems) === JSON.stringify(others.problems)
  );
}

function warn(error: Error): void {
  process.emitWarning(error);
}
