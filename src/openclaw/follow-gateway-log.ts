/** The gateway's own log as it grows: the only place that says where a request without an address came from. */
import { open, stat } from 'node:fs/promises';
import { watch } from 'chokidar';
import { type LoggedPairing, parseGatewayLog } from './parse-gateway-log.js';

export interface LogFollower {
  /** Resolves when it is known where the log stood: what is written after that is heard. */
  readonly begun: Promise<void>;
  close(): Promise<void>;
}

/** The most that is read at once; a gateway does not write more in the time between. */
const MAX_CHUNK = 4 * 1024 * 1024;
const POLL_MS = 1000;

/** Calls back for each line about pairing that is written from now on, also after the file was replaced. */
export function followGatewayLog(
  path: string,
  onPairing: (pairing: LoggedPairing) => void,
): LogFollower {
  const tail = new Tail(path, (line) => {
    const pairing = parseGatewayLog(line);
    if (pairing) onPairing(pairing);
  });
  const watcher = watch(path, { ignoreInitial: true, atomic: false });
  watcher.on('all', () => tail.read());
  watcher.on('error', () => undefined);
  // Where no events come, and for what chokidar folds together.
  const poll = setInterval(() => tail.read(), POLL_MS);
  tail.read();
  return {
    begun: tail.idle(),
    async close() {
      clearInterval(poll);
      await watcher.close();
      await tail.idle();
    },
  };
}

class Tail {
  readonly #path: string;
  readonly #onLine: (line: string) => void;
  #offset: number | undefined;
  #inode: number | undefined;
  #rest = '';
  #reading: Promise<void> | undefined;
  #isAskedAgain = false;

  constructor(path: string, onLine: (line: string) => void) {
    this.#path = path;
    this.#onLine = onLine;
  }

  /** Reads what is new, once more if it is asked for meanwhile. */
  read(): void {
    this.#isAskedAgain = true;
    this.#reading ??= this.#run().finally(() => {
      this.#reading = undefined;
    });
  }

  async idle(): Promise<void> {
    await this.#reading;
  }

  async #run(): Promise<void> {
    while (this.#isAskedAgain) {
      this.#isAskedAgain = false;
      try {
        await this.#readNew();
      } catch {
        // Not there yet, or not ours to read: the next look tells.
      }
    }
  }

  async #readNew(): Promise<void> {
    const { size, ino } = await stat(this.#path).catch((error) => {
      // A file that comes later is read from its start.
      this.#offset ??= 0;
      throw error;
    });
    const isOther =
      this.#inode !== undefined && (ino !== this.#inode || size < (this.#offset ?? 0));
    this.#inode = ino;
    if (isOther) {
      this.#offset = 0;
      this.#rest = '';
    }
    // What stands there when we begin is of connects that were answered before.
    this.#offset ??= size;
    if (size <= this.#offset) return;
    const start = Math.max(this.#offset, size - MAX_CHUNK);
    const bytes = await readRange(this.#path, start, size - start);
    this.#offset = start + bytes.length;
    const lines = (this.#rest + bytes.toString('utf8')).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
  }
}

async function readRange(path: string, start: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
