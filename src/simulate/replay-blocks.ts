/** A recording through a simulation, block by block: each line by the fast way, or where that is not sure by the full one. */
import type { Problem } from '../model/index.js';
import type { Block } from './cut-blocks.js';
import { LINE_FEED } from './json-bytes.js';
import { type ConnectLine, MAX_LINE_BYTES, parseLine, tornProblem } from './parse-line.js';
import type { ConnectScanner } from './scan-connect.js';
import type { ReplayedConnect, Simulation } from './simulation.js';

/** Gets what becomes of each line, in order. */
export interface LineSink {
  bad(problem: Problem): void;
  decided(connect: ConnectLine, replayed: ReplayedConnect): void;
}

/** Replays the lines of one recording. */
export class RecordingReplay {
  readonly #file: string;
  readonly #simulation: Simulation;
  readonly #scanner: ConnectScanner;
  readonly #sink: LineSink;
  #line = 0;

  constructor(file: string, simulation: Simulation, scanner: ConnectScanner, sink: LineSink) {
    this.#file = file;
    this.#simulation = simulation;
    this.#scanner = scanner;
    this.#sink = sink;
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
    for (let start = 0; start < bytes.length; ) {
      this.#line += 1;
      start = this.#scan(bytes, start) + 1;
    }
  }

  /** The line feed after the line that starts at `start`. */
  #scan(bytes: Buffer, start: number): number {
    const scanned = this.#scanner.scan(start);
    const { end } = this.#scanner;
    if (!scanned || end - start > MAX_LINE_BYTES) {
      const stop = bytes.indexOf(LINE_FEED, start);
      this.#parse(stop - start > MAX_LINE_BYTES ? undefined : bytes.subarray(start, stop), true);
      return stop;
    }
    const { moment, expect, outcome } = scanned;
    const connect = { file: this.#file, line: this.#line, expect, outcome };
    this.#sink.decided(connect, this.#simulation.replayAt(connect, moment));
    return end;
  }

  #parse(bytes: Buffer | undefined, ended: boolean, tells = true): void {
    const { connect, problems } = parseLine(this.#file, { line: this.#line, bytes, ended });
    if (tells) for (const problem of problems) this.#sink.bad(problem);
    if (connect) this.#sink.decided(connect, this.#simulation.replay(connect));
  }
}
