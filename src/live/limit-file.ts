/** The approvals under limits in a file, so that a restart does not give away room that was used up. */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type LimitCharge,
  type LimitedApproval,
  PairPolicyError,
  type Problem,
  type ProblemCode,
  startOf,
} from '../model/index.js';
import type { Limit } from '../policy/index.js';
import type { LimitKeeper } from './limit-keeper.js';
import { hasRoom, LimitTable } from './limit-table.js';
import type { KeeperState } from './status-sources.js';
import { withLock } from './with-lock.js';
import { removeLeftovers, writeDurably } from './write-durably.js';
import { failedWrite } from './write-problem.js';

/** How a file of limits is kept. */
export interface LimitFileOptions {
  /** Is told when the file cannot be used or written, once for each kind of failure until it can. */
  readonly onProblem?: ((problem: Problem) => void) | undefined;
}

/**
 * Approvals under limits that are durable. `charge` rejects with a `PairPolicyError`: `LIMIT_SPENT` where the room has
 * gone meanwhile, also to another process; else the file could not be written.
 */
export interface LimitFile extends LimitKeeper, KeeperState {
  /** Finishes what was begun. */
  close(): Promise<void>;
}

/** Opens the file, or begins one. What is no such file is reported and left alone: then nothing can be told. */
export async function openLimitFile(
  path: string,
  options: LimitFileOptions = {},
): Promise<LimitFile> {
  const file = new SharedLimitFile(path, options.onProblem ?? (() => undefined));
  await file.open();
  return file;
}

interface Waiting {
  readonly charge: LimitCharge;
  readonly limit: Limit;
  readonly settle: (error?: PairPolicyError) => void;
}

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
/** How often a file that could not be read is read again, at most. */
const REREAD_MS = 1000;

class SharedLimitFile implements LimitFile {
  readonly #path: string;
  readonly #onProblem: (problem: Problem) => void;
  /** What the file holds, as far as we know. */
  #table = new LimitTable();
  /** Which version of the file that is. */
  #version: string | undefined;
  #committing: readonly Waiting[] = [];
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #unreadable: Problem | undefined;
  #failed: Problem | undefined;
  #reread = 0;
  #closed = false;

  constructor(path: string, onProblem: (problem: Problem) => void) {
    this.#path = path;
    this.#onProblem = onProblem;
  }

  async open(): Promise<void> {
    await this.#read();
    await removeLeftovers(this.#path);
  }

  get problem(): Problem | undefined {
    return this.#unreadable ?? this.#failed;
  }

  approvals(rule: string, key: string): readonly LimitedApproval[] | undefined {
    if (this.#unreadable) {
      this.#readAgain();
      return undefined;
    }
    const durable = this.#table.approvals(rule, key);
    const begun = [...this.#committing, ...this.#waiting]
      .map(({ charge }) => charge)
      .filter((charge) => charge.rule === rule && charge.key === key)
      .map(({ at, ask }) => ({ at, ask }));
    if (begun.length === 0) return durable;
    const asks = new Set(begun.map(({ ask }) => ask).filter((ask) => ask !== null));
    return [...durable.filter(({ ask }) => ask === null || !asks.has(ask)), ...begun];
  }

  async charge(charge: LimitCharge, limit: Limit): Promise<void> {
    const approvals = this.approvals(charge.rule, charge.key);
    if (!approvals || this.#closed) throw this.#error('LIMITS_UNREADABLE', 'cannot be used');
    if (!hasRoom(approvals, charge, limit)) throw this.#spent(charge.rule);
    return new Promise((resolve, reject) => {
      const settle = (error?: PairPolicyError) => (error ? reject(error) : resolve());
      this.#waiting.push({ charge, limit, settle });
      this.#start();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** All that came while the last was written is written together. Never rejects. */
  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      this.#committing = batch;
      let refused: ReadonlySet<Waiting> = new Set();
      let failure: PairPolicyError | undefined;
      try {
        refused = await this.#commit(batch);
        this.#failed = undefined;
      } catch (error) {
        failure = this.#fail(error);
      }
      this.#committing = [];
      for (const one of batch) {
        one.settle(failure ?? (refused.has(one) ? this.#spent(one.charge.rule) : undefined));
      }
    }
  }

  /** Adds what there is room for; answers the others. */
  async #commit(batch: readonly Waiting[]): Promise<ReadonlySet<Waiting>> {
    await mkdir(dirname(this.#path), { recursive: true, mode: FOLDER_MODE });
    return withLock(this.#path, async (isHeld) => {
      await this.#read();
      if (this.#unreadable) throw new PairPolicyError([this.#unreadable]);
      // From here on the table has them; nothing is awaited in between.
      this.#committing = [];
      const { refused, undo } = this.#add(batch);
      try {
        if (refused.size < batch.length) await this.#write(isHeld);
      } catch (error) {
        for (const takeBack of undo.reverse()) takeBack();
        throw error;
      }
      return refused;
    });
  }

  #add(batch: readonly Waiting[]): { refused: ReadonlySet<Waiting>; undo: (() => void)[] } {
    const table = this.#table;
    // What has expired must not keep the file from taking more.
    table.prune(Math.max(...batch.map(({ charge }) => charge.at)));
    const refused = new Set<Waiting>();
    const undo: (() => void)[] = [];
    for (const one of batch) {
      const { rule, key } = one.charge;
      const fits = !table.isFull && hasRoom(table.approvals(rule, key), one.charge, one.limit);
      if (fits) undo.push(table.add(one.charge, one.limit));
      else refused.add(one);
    }
    return { refused, undo };
  }

  async #write(isHeld: () => boolean): Promise<void> {
    // Unknown until all is done: after a failure the file is read again, whatever became of it.
    this.#version = undefined;
    await writeDurably(this.#path, this.#table.toText(), FILE_MODE, isHeld);
    this.#version = await this.#versionThere();
  }

  /** Reads what others may have written. Never rejects: what cannot be used is noted. */
  async #read(): Promise<void> {
    try {
      const version = await this.#versionThere();
      // INVARIANT: a file that vanishes gives no room back. What it held is written anew with the next approval.
      if (version !== undefined && (version !== this.#version || this.#unreadable)) {
        this.#table = LimitTable.parse(await readFile(this.#path, 'utf8'));
        this.#version = version;
      }
      this.#unreadable = undefined;
    } catch (error) {
      const isNews = this.#unreadable === undefined;
      this.#unreadable = this.#problem('LIMITS_UNREADABLE', whyUnreadable(error));
      if (isNews) this.#onProblem(this.#unreadable);
    }
  }

  /** It is told of by the next decision, without a timer. */
  #readAgain(): void {
    if (this.#closed || performance.now() - this.#reread < REREAD_MS) return;
    this.#reread = performance.now();
    void this.#read();
  }

  async #versionThere(): Promise<string | undefined> {
    try {
      const { ino, size, mtimeNs, ctimeNs } = await stat(this.#path, { bigint: true });
      return [ino, size, mtimeNs, ctimeNs].join(' ');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #fail(error: unknown): PairPolicyError {
    if (error instanceof PairPolicyError) return error;
    const problem = failedWrite(this.#path, error);
    const isNews = problem.message !== this.#failed?.message;
    this.#failed = problem;
    if (isNews) this.#onProblem(problem);
    return new PairPolicyError([problem]);
  }

  #spent(rule: string): PairPolicyError {
    return this.#error('LIMIT_SPENT', `the limit of \`${rule}\` has no room any more`);
  }

  #error(code: ProblemCode, message: string): PairPolicyError {
    return new PairPolicyError([this.#problem(code, message)]);
  }

  #problem(code: ProblemCode, message: string): Problem {
    const hint =
      code === 'LIMIT_SPENT'
        ? 'a person can still approve it'
        : 'put the file right, or remove it; until then rules with a limit hold';
    return { ...startOf(this.#path), code, severity: 'error', message, hint };
  }
}

/** Without what the file holds: the details of a fault may quote it. */
function whyUnreadable(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return `the limits cannot be read: ${code}`;
  return 'the file is not what we write, or was cut off';
}
