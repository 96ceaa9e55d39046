/**
 * Lines appended to a file that is rotated by size. Writing never waits and never fails: what a disk does not take is
 * kept up to a bound, tried again, and counted where it had to be dropped.
 *
 * Our own, because what pino offers ends badly on a full disk: SonicBoom, which `pino.destination` ends in the `exit`
 * handler, tries again for ever there, so the process never ends; and after one failed roll pino-roll rolls no more.
 */
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Problem } from '../model/index.js';
import { makeFolder, pruneRotated, setAside } from './rotated-files.js';
import { failedWrite } from './write-problem.js';

/** How a file of lines is kept. */
export interface RotatingFileOptions {
  /** The size at which a new file is begun, in bytes. */
  readonly maxBytes: number;
  /** How many full files are kept beside the one that is written to. */
  readonly keep: number;
  readonly mode: number;
  /** The mode of a folder that has to be made. */
  readonly folderMode: number;
  /** What is kept at most while the disk takes nothing, in bytes. */
  readonly maxBufferBytes: number;
  /** When what failed is tried again, in ms. */
  readonly retryMs: number;
  /** Is told that writing fails, once for each kind of failure until it works again. */
  readonly onProblem: (problem: Problem) => void;
}

const BATCH_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/** A file of lines, open for appending. */
export class RotatingFile {
  readonly #path: string;
  readonly #options: RotatingFileOptions;
  #handle: FileHandle | undefined;
  /** Of what is open; a device has no size and is never rotated. */
  #size = 0;
  #isDevice = false;
  #queue: Buffer[] = [];
  #queued = 0;
  /** How much of the first line that waits is in the open file already. */
  #begun = 0;
  #running: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  #problem: Problem | undefined;
  #dropped = 0;
  #isDropping = false;
  #written = 0;

  private constructor(path: string, options: RotatingFileOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** Opens the file, and makes its folder. Rejects with the error of the file system. */
  static async open(path: string, options: RotatingFileOptions): Promise<RotatingFile> {
    const file = new RotatingFile(path, options);
    await file.#open();
    return file;
  }

  /** Why nothing can be written now. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** How many lines were lost so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** How many lines were handed to the file system so far. */
  get written(): number {
    return this.#written;
  }

  /** Takes a line, with its end. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#closed || this.#queued + bytes.length > this.#options.maxBufferBytes) {
      this.#drop();
      return;
    }
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    // While a retry is due, what comes waits for it.
    if (!this.#retry) this.#start();
  }

  /** Resolves when what was taken so far is in the file, or was tried once more. */
  async flush(): Promise<void> {
    await this.#running;
    if (this.#queue.length > 0) await this.#start();
  }

  /** Writes what waits, or counts it as lost where that is not possible, and closes the file. */
  async close(): Promise<void> {
    if (this.#closed) return this.#running;
    this.#closed = true;
    await this.flush();
    clearTimeout(this.#retry);
    this.#dropped += this.#queue.length;
    this.#queue = [];
    this.#queued = 0;
    await this.#handle?.sync().catch(() => undefined);
    await this.#closeHandle();
  }

  #drop(): void {
    this.#dropped += 1;
    if (this.#isDropping) return;
    this.#isDropping = true;
    const why = this.#closed ? 'it was closed before' : 'the disk does not keep up';
    this.#options.onProblem(failedWrite(this.#path, new Error(`lines are lost, because ${why}`)));
  }

  #start(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // What came between the last look and the end of the run.
      if (this.#queue.length > 0 && !this.#retry && !this.#closed) this.#start();
    });
    return this.#running;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    try {
      // What is lost with its folder is written anew elsewhere, so the place is looked at before each batch.
      while (this.#queue.length > 0) {
        const handle = await this.#openPlace();
        await this.#writeBatch(handle);
      }
      this.#problem = undefined;
      this.#isDropping = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const problem = failedWrite(this.#path, error);
    const isNews = problem.message !== this.#problem?.message;
    this.#problem = problem;
    if (!this.#closed) {
      this.#retry = setTimeout(() => void this.#start(), this.#options.retryMs);
      // A full disk is no reason to keep a program from ending.
      this.#retry.unref();
    }
    if (isNews) this.#options.onProblem(problem);
  }

  /** The handle of what is at the path now. */
  async #openPlace(): Promise<FileHandle> {
    if (this.#handle && (await this.#isStillThere(this.#handle))) return this.#handle;
    return this.#open();
  }

  async #isStillThere(handle: FileHandle): Promise<boolean> {
    const [ours, there] = await Promise.all([
      handle.stat(),
      stat(this.#path).catch(() => undefined),
    ]);
    // Another process of ours may append to the same file.
    this.#size = ours.size;
    return there !== undefined && there.ino === ours.ino && there.dev === ours.dev;
  }

  async #open(): Promise<FileHandle> {
    const { mode, folderMode } = this.#options;
    await this.#closeHandle();
    await makeFolder(this.#path, folderMode);
    // `a+`, because the end of what is there must be read.
    const handle = await open(this.#path, 'a+', mode);
    try {
      const found = await handle.stat();
      this.#isDevice = !found.isFile();
      this.#size = found.size;
      if (!this.#isDevice && (found.mode & 0o777) !== mode) await handle.chmod(mode);
      if (this.#size > 0) await this.#endTornLine(handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.#handle = handle;
    return handle;
  }

  /**
   * A crash may have cut off the last line: what follows must not become a part of it. Where another process is just
   * writing, a blank line may come of it, which is none.
   */
  async #endTornLine(handle: FileHandle): Promise<void> {
    const last = Buffer.alloc(1);
    await handle.read(last, 0, 1, this.#size - 1);
    if (last[0] === LINE_FEED) return;
    await handle.write('\n');
    this.#size += 1;
  }

  async #writeBatch(handle: FileHandle): Promise<void> {
    const lines = this.#takeLines();
    const batch = Buffer.concat(lines).subarray(this.#begun);
    const isFull = this.#size > 0 && this.#size + batch.length > this.#options.maxBytes;
    if (isFull && this.#begun === 0 && !this.#isDevice) return this.#rotate(handle);
    let done = 0;
    try {
      while (done < batch.length) {
        // A nearly full disk takes a part, and fails only then.
        const { bytesWritten } = await handle.write(batch, done, batch.length - done);
        done += bytesWritten;
      }
    } finally {
      this.#size += done;
      this.#advance(done);
    }
  }

  /** Whole lines from the start of the queue: at least one. */
  #takeLines(): Buffer[] {
    let bytes = 0;
    const end = this.#queue.findIndex((line, at) => {
      bytes += line.length;
      return at > 0 && bytes > BATCH_BYTES;
    });
    return end < 0 ? this.#queue : this.#queue.slice(0, end);
  }

  #advance(done: number): void {
    let left = this.#begun + done;
    let whole = 0;
    for (const line of this.#queue) {
      if (left < line.length) break;
      left -= line.length;
      this.#queued -= line.length;
      whole += 1;
    }
    this.#queue.splice(0, whole);
    this.#written += whole;
    this.#begun = left;
  }

  async #rotate(handle: FileHandle): Promise<void> {
    await handle.sync();
    const { ino } = await handle.stat({ bigint: true });
    await this.#closeHandle();
    await setAside(this.#path, ino);
    await pruneRotated(this.#path, this.#options.keep);
  }

  async #closeHandle(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    // A line that was begun in that file is written whole to the next.
    this.#begun = 0;
    await handle?.close().catch(() => undefined);
  }
}
