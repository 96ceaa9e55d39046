/**
 * A replay on one thread or several. Each block is replayed by itself, and what the blocks came to is put together in their
 * order, so that the output is the same however many threads there are.
 */
import { type Block, Simulation } from '../../simulate/index.js';
import { type BlockPart, PartReplay, type ReplayPolicies, type ReplayWay } from './replay-part.js';
import { ReplayThread } from './replay-thread.js';

/** Smaller blocks are not worth a message. */
const MIN_HANDED_OUT = 16 * 1024;
/** How many blocks may be replayed and not yet put together. */
const MAX_WAITING = 32;

const LINE_FEED = 0x0a;

interface Waiting {
  readonly isFirst: boolean;
  readonly replayed: Promise<BlockPart> | undefined;
  /** Absent until it is replayed. */
  done: BlockPart | undefined;
}

/** Replays recordings, block by block. */
export class ReplayCrew {
  readonly #policies: ReplayPolicies;
  readonly #way: ReplayWay;
  readonly #size: number;
  readonly #local: PartReplay;
  /** With one thread there is nothing to put together: its simulation is the whole. */
  readonly #isAlone: boolean;
  readonly #whole: Simulation;
  readonly #print: (text: string) => Promise<void>;
  readonly #threads: ReplayThread[] = [];
  readonly #waiting: Waiting[] = [];
  #number = 0;
  /** The lines of the recording in the blocks that were put together. */
  #lines = 0;
  /** The same in those that were handed out; counted where the lines are printed with their numbers. */
  #ahead = 0;

  /** `print` gets what is printed meanwhile, in order. */
  constructor(
    policies: ReplayPolicies,
    way: ReplayWay,
    threads: number,
    print: (text: string) => Promise<void>,
  ) {
    this.#policies = policies;
    this.#way = way;
    // Approvals under a limit count from line to line.
    this.#size = hasLimits(policies) ? 1 : threads;
    this.#isAlone = this.#size === 1;
    this.#local = new PartReplay(policies, way, !this.#isAlone);
    const { against } = policies;
    const options = { ...way.setup, against, inDetail: !way.printsLines };
    this.#whole = this.#isAlone ? this.#local.settled() : new Simulation(policies.policy, options);
    this.#print = print;
  }

  /** How many connects were decided so far. */
  get connects(): number {
    return this.#whole.connects;
  }

  /** Takes the next block of a recording; `isFirst` begins another recording. */
  async take(file: string, block: Block, isFirst: boolean): Promise<void> {
    if (isFirst) this.#ahead = 0;
    this.#startThreads();
    this.#waiting.push(this.#replay(file, block, isFirst));
    if (this.#way.printsLines && !this.#isAlone) this.#ahead += countLines(block);
    await this.#putTogether(MAX_WAITING);
  }

  /** The simulation with all that was replayed. */
  async finish(): Promise<Simulation> {
    await this.#putTogether(0);
    if (this.#isAlone) return this.#local.settled();
    const last = [
      this.#local.finish(),
      ...(await Promise.all(this.#threads.map((thread) => thread.finish()))),
    ];
    for (const { part, totals } of last) {
      this.#whole.addPart(part, 0);
      this.#whole.addTotals(totals);
    }
    return this.#whole;
  }

  /** Ends the threads. */
  async end(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  #startThreads(): void {
    if (this.#threads.length > 0) return;
    const { policy, against } = this.#policies;
    for (let i = 1; i < this.#size; i += 1) {
      const start = { policy: policy.policy, against: against?.policy, way: this.#way };
      this.#threads.push(new ReplayThread(start));
    }
  }

  #replay(file: string, block: Block, isFirst: boolean): Waiting {
    const order = { number: this.#number, file, line: this.#ahead };
    this.#number += 1;
    const { bytes, ended } = block;
    const isWorthIt = bytes && ended && bytes.length >= MIN_HANDED_OUT;
    const free = isWorthIt && this.#threads.find((thread) => thread.hasRoomFor(bytes));
    if (!free) {
      const done = this.#local.replay(block, order);
      if (this.#isAlone) this.#ahead += done.lines;
      const told = this.#isAlone ? done : { ...done, part: this.#local.takePart() };
      return { isFirst, replayed: undefined, done: told };
    }
    const replayed = free.replay(bytes, order);
    const waiting: Waiting = { isFirst, replayed, done: undefined };
    replayed.then(
      (part) => {
        waiting.done = part;
      },
      // It is told when its turn comes.
      () => undefined,
    );
    return waiting;
  }

  /** Puts together what is ready, and waits until no more than so many blocks are waiting. */
  async #putTogether(most: number): Promise<void> {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      if (!first.done && this.#waiting.length <= most) return;
      const done = first.done ?? (await first.replayed);
      this.#waiting.shift();
      if (done) await this.#add(done, first.isFirst);
    }
  }

  async #add({ part, lines, text }: BlockPart, isFirst: boolean): Promise<void> {
    if (isFirst) this.#lines = 0;
    // Where the lines are printed, their numbers are known already.
    if (part) this.#whole.addPart(part, this.#way.printsLines ? 0 : this.#lines);
    this.#lines += lines;
    if (text !== '') await this.#print(text);
  }
}

function hasLimits({ policy, against }: ReplayPolicies): boolean {
  return [policy, against].some((one) => one?.policy.rules.some(({ limit }) => limit));
}

function countLines({ bytes, ended }: Block): number {
  if (!bytes || !ended) return 1;
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) {
    lines += 1;
  }
  return lines;
}
