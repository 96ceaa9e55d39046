/** Keeps the rows in a gateway's files: changes are gathered, and all of them made by one write. */
import { setTimeout as delay } from 'node:timers/promises';
import { PairPolicyError, type Problem, startOf } from '../model/index.js';
import { Draft } from './draft.js';
import type { FileTables } from './file-tables.js';
import { FileWrite } from './file-write.js';
import type { StoreListeners } from './listeners.js';
import { type Asked, type NotedSoFar, NotedTimes, notedChange } from './noted-times.js';
import type { Keeper } from './own-store.js';
import { storeBusy, unreadable, writeFailed } from './store-errors.js';
import { type StoreLock, withStoreLock } from './store-lock.js';
import type { Change, TableName } from './tables.js';

export interface FileKeeperOptions {
  readonly stateDir: string;
  readonly tables: FileTables;
  readonly listeners: StoreListeners;
  readonly now: () => number;
  /** How often it is written down when devices were seen and asked, where nothing else is written. */
  readonly seenMs: number;
}

/** How often a write begins anew because others wrote meanwhile. */
const TRIES = 50;
const MOST_MS = 25;
/** For so long the lock is kept where more is to be written all the time; then others have their turn. */
const LOCKED_MS = 100;

/** A change that waits for the next write. */
interface Waiting {
  /** Makes it on a draft; what follows is done once it is on the disk. Never throws. */
  readonly make: (draft: Draft, refuse: (table: TableName) => void) => Settle;
  readonly fail: (error: unknown) => void;
}

type Settle = () => void;

export class FileKeeper implements Keeper {
  readonly tables: FileTables;
  readonly #options: FileKeeperOptions;
  #waiting: Waiting[] = [];
  /** What is done with the files, one thing after the other. */
  #doing: Promise<void> = Promise.resolve();
  readonly #noted = new NotedTimes();
  #notedTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: FileKeeperOptions) {
    this.tables = options.tables;
    this.#options = options;
  }

  /** Reads the files for the first time; the answer is what is wrong with them. */
  async open(): Promise<readonly Problem[]> {
    let problems: readonly Problem[] = [];
    await this.#inTurn(async () => {
      ({ problems } = await this.tables.reread());
    });
    return problems;
  }

  commit<T>(change: Change<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(closedError(this.#options.stateDir));
      const make: Waiting['make'] = (draft, refuse) => {
        try {
          const result = draft.make(change, refuse);
          return () => resolve(result);
        } catch (error) {
          return () => reject(error);
        }
      };
      this.#waiting.push({ make, fail: reject });
      if (this.#waiting.length === 1) void this.#inTurn(() => this.#writeWaiting());
    });
  }

  noteSeen(deviceId: string, at: number): void {
    if (!this.#isClosed && this.#noted.seen(deviceId, at)) this.#writeNotedSoon();
  }

  noteAsked({ table, requestId }: Pick<Asked, 'table' | 'requestId'>, at: number): boolean {
    const { problems } = this.tables.document(table);
    if (this.#isClosed || problems.length > 0 || !this.tables.isCurrent()) return false;
    this.#noted.asked({ table, requestId, at });
    this.#writeNotedSoon();
    return true;
  }

  async refresh(): Promise<void> {
    await this.#inTurn(() => this.#reread());
    if (this.tables.hasUndone && !this.#isClosed) this.#commitAlone(nothingChange);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return await this.#doing;
    if (!this.#noted.isEmpty) this.#writeNoted();
    this.#isClosed = true;
    clearTimeout(this.#notedTimer);
    await this.#doing;
  }

  /** Does something with the files when all that was begun before is done. */
  #inTurn(run: () => Promise<void>): Promise<void> {
    const turn = this.#doing.then(run);
    this.#doing = turn.catch(() => {});
    return turn;
  }

  async #reread(): Promise<void> {
    const { deviceIds, problems } = await this.tables.reread();
    const { listeners } = this.#options;
    if (problems.length > 0) listeners.tell('problem', problems);
    if (deviceIds.size > 0) listeners.tell('changed', { deviceIds });
  }

  #writeNotedSoon(): void {
    this.#notedTimer ??= setTimeout(() => this.#writeNoted(), this.#options.seenMs).unref();
  }

  #writeNoted(): void {
    clearTimeout(this.#notedTimer);
    this.#notedTimer = undefined;
    const noted = this.#noted.soFar();
    // Also what concerns nobody any more is done with.
    this.#commitAlone(notedChange(noted), () => this.#noted.forget(noted));
  }

  /** Makes a change that nobody waits for. What is in the way of writing, whoever listens is told. */
  #commitAlone(change: Change<void>, onDone: () => void = () => {}): void {
    this.commit(change).then(onDone, (error) => {
      if (error instanceof PairPolicyError) this.#options.listeners.tell('problem', error.problems);
    });
  }

  async #writeWaiting(): Promise<void> {
    // The turn before may have kept the lock, and written this as well.
    if (this.#waiting.length === 0) return;
    let batch: readonly Waiting[] = [];
    try {
      if (this.tables.isGone()) throw goneError(this.#options.stateDir);
      await withStoreLock(this.#options.stateDir, async (lock) => {
        const end = performance.now() + LOCKED_MS;
        do {
          batch = this.#take();
          await this.#write(batch, lock);
        } while (this.#waiting.length > 0 && lock.isHeld() && performance.now() < end);
      });
    } catch (error) {
      // What is settled already is so for good; the others were not made.
      const failed = batch.length > 0 ? batch : this.#take();
      for (const { fail } of failed) fail(asProblem(this.#options.stateDir, error));
    }
  }

  #take(): readonly Waiting[] {
    const batch = this.#waiting;
    this.#waiting = [];
    return batch;
  }

  async #write(batch: readonly Waiting[], lock: StoreLock): Promise<void> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      await this.#reread();
      if (await this.#tryWrite(batch, lock)) return;
      if (!lock.isHeld()) throw storeBusy(this.#options.stateDir, 'the lock was lost');
      await delay(Math.random() * Math.min(MOST_MS, tries + 1));
    }
    throw storeBusy(this.#options.stateDir, `others wrote in between ${TRIES} times`);
  }

  /** Makes the changes on the rows as they are, and writes them; false where the files changed meanwhile. */
  async #tryWrite(batch: readonly Waiting[], lock: StoreLock): Promise<boolean> {
    const draft = new Draft(this.tables, this.#options.now());
    const refuse = (table: TableName) => {
      const { problems } = this.tables.document(table);
      if (problems.length > 0) throw new PairPolicyError(problems);
    };
    const settles = batch.map(({ make }) => make(draft, refuse));
    draft.prune();
    const noted = this.#addNoted(draft, refuse);
    if (!(await this.#put(draft, lock))) return false;
    this.#noted.forget(noted);
    for (const settle of settles) settle();
    return true;
  }

  /** Adds what was noted of the files that are written anyway. */
  #addNoted(draft: Draft, refuse: (table: TableName) => void): NotedSoFar {
    const noted = this.#noted.soFar((table) => draft.touches(table));
    draft.make(notedChange(noted), refuse);
    return noted;
  }

  async #put(draft: Draft, lock: StoreLock): Promise<boolean> {
    const write = new FileWrite(this.tables, draft.edits());
    try {
      return await write.run(lock);
    } finally {
      // Also where a part of it failed: what is in force has changed.
      const { deviceIds } = write;
      if (deviceIds.size > 0) this.#options.listeners.tell('changed', { deviceIds });
    }
  }
}

/** Nothing but what is to be written anyway. */
const nothingChange: Change<void> = () => ({ edits: [], result: undefined });

function closedError(stateDir: string): PairPolicyError {
  return writeFailed(stateDir, 'the store is closed');
}

/** It may be a volume that is not there: what would be written now would hide what is on it. */
function goneError(stateDir: string): PairPolicyError {
  return new PairPolicyError([unreadable(startOf(stateDir), 'the state folder is gone')]);
}

/** What a system's error says may be told: it names files, and nothing of what is in them. */
function asProblem(stateDir: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  return writeFailed(stateDir, error.message);
}
