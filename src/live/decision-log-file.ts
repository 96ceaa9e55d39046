/** The decision log: a JSONL file in which each line can be replayed. */
import { pino } from 'pino';
import { PairPolicyError, type Problem } from '../model/index.js';
import { toLine, toShortLine } from './decision-line.js';
import type { DecisionLog, DecisionLogEntry } from './decision-log-entry.js';
import { RotatingFile } from './rotating-file.js';
import type { LogState } from './status-sources.js';
import { failedWrite } from './write-problem.js';

/** How a decision log is kept. */
export interface DecisionLogOptions {
  /** The size at which a new file is begun, in bytes: 64 MiB unless named. */
  readonly maxBytes?: number | undefined;
  /** How many full files are kept, unless named 8. */
  readonly keep?: number | undefined;
  /** Who may read it, besides its owner: nobody, unless named. */
  readonly readableBy?: 'owner' | 'group' | 'everyone' | undefined;
  /** What is kept at most while the disk takes nothing, in bytes: 8 MiB unless named. */
  readonly maxBufferBytes?: number | undefined;
  /** When what failed is tried again, in ms: 1000 unless named. */
  readonly retryMs?: number | undefined;
  /** Is told when decisions cannot be written, once for each kind of failure until they can. */
  readonly onProblem?: ((problem: Problem) => void) | undefined;
}

/** A decision log in a file. */
export interface DecisionLogFile extends DecisionLog, LogState {
  /** Resolves when what was decided so far is in the file, or was tried once more. */
  flush(): Promise<void>;
  /** Writes what waits, or counts it as lost where that is not possible. */
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
/** The longest line that a replay reads. */
const MAX_LINE_BYTES = MIB;

const MODES = {
  owner: { mode: 0o600, folderMode: 0o700 },
  group: { mode: 0o640, folderMode: 0o750 },
  everyone: { mode: 0o644, folderMode: 0o755 },
} as const;

/** Opens a decision log for appending, and makes its folder. Rejects with a `PairPolicyError` where it cannot. */
export async function openDecisionLog(
  path: string,
  options: DecisionLogOptions = {},
): Promise<DecisionLogFile> {
  const { maxBytes = 64 * MIB, keep = 8, readableBy = 'owner' } = options;
  const { maxBufferBytes = 8 * MIB, retryMs = 1000, onProblem = () => undefined } = options;
  const kept = { maxBytes, keep, ...MODES[readableBy], maxBufferBytes, retryMs };
  try {
    const file = await RotatingFile.open(path, { ...kept, onProblem: quietly(onProblem) });
    return new PinoDecisionLog(path, file, quietly(onProblem));
  } catch (error) {
    throw new PairPolicyError([failedWrite(path, error)]);
  }
}

class PinoDecisionLog implements DecisionLogFile {
  readonly #path: string;
  readonly #file: RotatingFile;
  readonly #onProblem: (problem: Problem) => void;
  readonly #logger;
  /** Decisions of which no line could be made. */
  #unwritable = 0;

  constructor(path: string, file: RotatingFile, onProblem: (problem: Problem) => void) {
    this.#path = path;
    this.#file = file;
    this.#onProblem = onProblem;
    // What is written, and when, each line says by itself.
    this.#logger = pino({ base: null, timestamp: false }, { write: (line) => this.#take(line) });
  }

  get problem(): Problem | undefined {
    return this.#file.problem;
  }

  get written(): number {
    return this.#file.written;
  }

  get dropped(): number {
    return this.#file.dropped + this.#unwritable;
  }

  decided(entry: DecisionLogEntry): void {
    try {
      this.#isTooLong = false;
      this.#logger.info(toLine(entry));
      if (this.#isTooLong) this.#logger.info(toShortLine(entry));
    } catch (error) {
      // INVARIANT: a decision never fails because it cannot be written down.
      this.#unwritable += 1;
      if (this.#unwritable === 1) this.#onProblem(failedWrite(this.#path, error));
    }
  }

  flush(): Promise<void> {
    return this.#file.flush();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #isTooLong = false;

  #take(line: string): void {
    this.#isTooLong = Buffer.byteLength(line) > MAX_LINE_BYTES;
    if (!this.#isTooLong) this.#file.write(line);
  }
}

/** Whoever listens must not be able to stop the writing. */
function quietly(listener: (problem: Problem) => void): (problem: Problem) => void {
  return (problem) => {
    try {
      listener(problem);
    } catch {
      // Its own affair.
    }
  };
}
