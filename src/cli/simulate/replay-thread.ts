/** A thread that replays blocks, seen from the one that hands them out. */
import { Worker } from 'node:worker_threads';
import type { BlockOrder, BlockPart, LastPart } from './replay-part.js';
import type { ThreadOrder, ThreadStart } from './serve-replay.js';

/** How many blocks a thread has at once: one that it replays, and one so that it need not wait. */
const SLOTS = 2;
/** The largest block that is handed out, in bytes. */
const SLOT_BYTES = 512 * 1024;
/** What a thread allocates is soon forgotten: a small nursery keeps its memory small, and costs little. */
const YOUNG_MB = 4;

interface Answer {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Replays blocks elsewhere; its answers come in the order of the blocks. */
export class ReplayThread {
  readonly #worker: Worker;
  readonly #slots: readonly SharedArrayBuffer[];
  readonly #free: number[];
  readonly #open: Answer[] = [];

  constructor(start: Omit<ThreadStart, 'slots'>) {
    this.#slots = Array.from({ length: SLOTS }, () => new SharedArrayBuffer(SLOT_BYTES));
    this.#free = this.#slots.map((_, slot) => slot);
    const workerData: ThreadStart = { ...start, slots: this.#slots };
    this.#worker = new Worker(new URL('./replay-worker.js', import.meta.url), {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker.on('message', (answer) => this.#open.shift()?.resolve(answer as never));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('a thread of the replay ended by itself')));
  }

  /** Whether it can take a block now. */
  hasRoomFor(bytes: Buffer): boolean {
    return this.#free.length > 0 && bytes.length <= SLOT_BYTES;
  }

  /** Hands out a block for which there is room; the bytes are copied. */
  async replay(bytes: Buffer, order: BlockOrder): Promise<BlockPart> {
    const slot = this.#free.pop() ?? 0;
    bytes.copy(new Uint8Array(this.#slots[slot] as SharedArrayBuffer));
    const message: ThreadOrder = { ...order, slot, bytes: bytes.length };
    const part = await this.#ask<BlockPart>(message);
    this.#free.push(slot);
    return part;
  }

  /** What is left to be counted; it takes no block any more. */
  async finish(): Promise<LastPart> {
    return await this.#ask<LastPart>(null);
  }

  /** Ends it, whatever it does. */
  async end(): Promise<void> {
    this.#worker.removeAllListeners('exit');
    await this.#worker.terminate();
  }

  #ask<T>(message: ThreadOrder | null): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#open.push({ resolve, reject });
      this.#worker.postMessage(message);
    });
  }

  #fail(error: unknown): void {
    for (const { reject } of this.#open.splice(0)) reject(error);
  }
}
