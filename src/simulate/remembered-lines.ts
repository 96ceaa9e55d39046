/** The lines of which it is known what they come to, so that those that are alike are only counted. */
import { type CompiledPolicy, toCircumstances } from '../engine/index.js';
import type { RawRecord } from './adapt-record.js';
import { LineCut } from './line-cut.js';
import { LineMemo } from './line-memo.js';
import type { ReplaySetup } from './moment.js';
import { type ClassOfMoment, momentClasses } from './moment-class.js';
import type { Outcome } from './outcome.js';
import type { Simulation } from './simulation.js';

interface Remembered {
  readonly outcome: Outcome;
  /** Of the moment at which it was decided. */
  readonly momentClass: number;
}

/** Makes the memory of a simulation; undefined where the policies say of no two moments that they are alike. */
export function rememberLines(
  simulation: Simulation,
  policies: readonly CompiledPolicy[],
  setup: ReplaySetup,
): RememberedLines | undefined {
  const classOf = momentClasses(policies, setup);
  return classOf && new RememberedLines(simulation, classOf);
}

/** Remembers what lines came to; `settle` must come before the simulation reports. */
export class RememberedLines {
  readonly #memo: LineMemo<Remembered>;
  readonly #cut = new LineCut();
  readonly #classOf: ClassOfMoment;
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor(simulation: Simulation, classOf: ClassOfMoment) {
    this.#memo = new LineMemo(({ outcome }) => simulation.settle(outcome));
    this.#classOf = classOf;
  }

  /** Lines of this block come next. */
  begin(block: Buffer): void {
    this.#bytes = block;
    this.#view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  }

  /** What the line from `start` to its line feed at `end` comes to. */
  find(start: number, end: number): Outcome | undefined {
    const cut = this.#cut;
    cut.cut(this.#bytes, this.#view, start, end);
    const known = this.#memo.find(this.#view, cut);
    if (!known) return undefined;
    // Without a time that was cut out, the moment is in the bytes that are the same.
    const isAlike = cut.timeAt < 0 || this.#classOf(cut.time) === known.momentClass;
    return isAlike ? known.outcome : undefined;
  }

  /**
   * Remembers what the line came to that was looked for last. INVARIANT: `timeAt` says where the time stands that the
   * line was decided with. Of two times in a line, the other one must not be cut out.
   */
  keep(outcome: Outcome, timeAt: number): void {
    if (!outcome.mayRepeat || timeAt !== this.#cut.timeAt) return;
    if (!this.#memo.isWorthKeeping(this.#cut)) return;
    const momentClass = this.#classOf(outcome.circumstances.now);
    // Of most lines nothing is told but numbers: their facts need not be kept.
    const kept = outcome.isTold ? outcome : { ...outcome, circumstances: NOTHING_KNOWN };
    this.#memo.keep(this.#view, this.#cut, { outcome: kept, momentClass });
  }

  /** The same for a line that took the full parser. */
  keepParsed(outcome: Outcome, line: Buffer, record: RawRecord): void {
    if (record['context'] !== undefined || line.includes(BACKSLASH)) return;
    // Where it can have only one time, that is the one.
    const first = line.indexOf(TS);
    if (first === line.lastIndexOf(TS)) this.keep(outcome, this.#cut.timeAt);
  }

  /** Counts what was put off. */
  settle(): void {
    this.#memo.settle();
  }
}

const NOTHING_KNOWN = toCircumstances({});
const BACKSLASH = 0x5c;
const TS = '"ts"';
