/** A recording through a simulation, block by block: each line by the fastest way that is sure to come to the same. */
import type { Problem } from '../model/index.js';
import type { Block } from './cut-blocks.js';
import { LINE_FEED } from './json-bytes.js';
import type { ReplayedConnect } from './outcome.js';
import { type ConnectLine, MAX_LINE_BYTES, parseLine, tornProblem } from './parse-line.js';
import type { RememberedLines } from './remembered-lines.js';
import type { ConnectScanner } from './scan-connect.js';
import type { Simulation } from './simulation.js';

/** Gets what becomes of each line, in order. */
export interface LineSink {
  bad(problem: Problem): void;
  decided(connect: ConnectLine, replayed: ReplayedConnect): void;
}

/** What lines are replayed with; it may be shared by recordings that follow each other. */
export interface ReplayTools {
  readonly simulation: Simulation;
  readonly scanner: ConnectScanner;
  readonly sink: LineSink;
  /** Of this simulation; without it each line is decided. */
  readonly remembered?: RememberedLines | undefined;
}

/** Replays the lines of one recording. */
export class RecordingReplay {
  readonly #file: string;
  readonly #simulation: Simulation;
  readonly #scanner: ConnectScanner;
  readonly #sink: LineSink;
  readonly #remembered: RememberedLines | undefined;
  /** The number of the last line. */
  #line: number;

  /** `line` is the number of the last line that was replayed before. */
  constructor(file: string, { simulation, scanner, sink, remembered }: ReplayTools, line = 0) {
    this.#file = file;
    this.#simulation = simulation;
    this.#scanner = scanner;
    this.#sink = sink;
    this.#remembered = remembered;
    this.#line = line;
  }

  /** The number of the last line. */
  get line(): number {
    return this.#line;
  }

  /** Replays the next lines. */
  replay({ bytes, ended, torn }: Block): void {
    if (!bytes || !ended) {
      this.#line += 1;
      // What is cut off there is one fault, not two.
      if (torn) this.#sink.bad(tornProblem(this.#file, this.#line, torn));
      this.#parse(bytes, ended, !torn);
      return;
    }
    this.#scanner.begin(bytes);
    this.#remembered?.begin(bytes);
    for (let start = 0; start < bytes.length; ) {
      this.#line += 1;
      const end = bytes.indexOf(LINE_FEED, start);
      if (!this.#repeat(start, end)) this.#scan(bytes, start, end);
      start = end + 1;
    }
  }

  /** Counts the line where one that is alike was decided before. */
  #repeat(start: number, end: number): boolean {
    const known = this.#remembered?.find(start, end);
    if (!known) return false;
    const { expect, outcome } = known;
    const connect = { file: this.#file, line: this.#line, expect, outcome };
    this.#simulation.repeat(connect, known);
    this.#sink.decided(connect, known);
    return true;
  }

  #scan(bytes: Buffer, start: number, end: number): void {
    const scanned = this.#scanner.scan(start);
    if (!scanned || end - start > MAX_LINE_BYTES) {
      this.#parse(end - start > MAX_LINE_BYTES ? undefined : bytes.subarray(start, end), true);
      return;
    }
    const { moment, expect, outcome } = scanned;
    const connect = { file: this.#file, line: this.#line, expect, outcome };
    const replayed = this.#simulation.replayAt(connect, moment);
    this.#remembered?.keep(replayed, this.#scanner.timeAt);
    this.#sink.decided(connect, replayed);
  }

  #parse(bytes: Buffer | undefined, ended: boolean, tells = true): void {
    const { connect, problems } = parseLine(this.#file, { line: this.#line, bytes, ended });
    if (tells) for (const problem of problems) this.#sink.bad(problem);
    if (!connect) return;
    const replayed = this.#simulation.replay(connect);
    if (bytes && ended && problems.length === 0) {
      this.#remembered?.keepParsed(replayed, bytes, connect.record);
    }
    this.#sink.decided(connect, replayed);
  }
}
