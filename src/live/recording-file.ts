/** A recording that is written as connects come. */
import type { Action, ConnectRecord } from '../model/index.js';
import { PairPolicyError, type Problem } from '../model/index.js';
import type { LoggedContext } from './decision-log-entry.js';
import { toLoggable } from './loggable-record.js';
import { RotatingFile } from './rotating-file.js';
import { failedWrite } from './write-problem.js';

export interface RecordingFileOptions {
  /** The size at which a new file is begun, in bytes: 64 MiB unless named. */
  readonly maxBytes?: number | undefined;
  /** How many full files are kept, unless named 64. */
  readonly keep?: number | undefined;
  /** Is told when lines cannot be written, once for each kind of failure until they can. */
  readonly onProblem?: ((problem: Problem) => void) | undefined;
}

/** One line: a connect, what it was or would be decided with, and what became of it. */
export interface RecordedLine {
  readonly record: ConnectRecord;
  readonly context?: Partial<LoggedContext> | undefined;
  readonly outcome?: Action | undefined;
}

export interface RecordingFile {
  readonly problem: Problem | undefined;
  readonly written: number;
  readonly dropped: number;
  write(line: RecordedLine): void;
  close(): Promise<void>;
}

const MIB = 1024 * 1024;

/** Opens a recording for appending; a last line that was cut off stays alone on its line. Rejects with a `PairPolicyError`. */
export async function openRecordingFile(
  path: string,
  { maxBytes = 64 * MIB, keep = 64, onProblem = () => {} }: RecordingFileOptions = {},
): Promise<RecordingFile> {
  try {
    const file = await RotatingFile.open(path, {
      maxBytes,
      keep,
      mode: 0o600,
      folderMode: 0o700,
      maxBufferBytes: 8 * MIB,
      retryMs: 1000,
      onProblem,
    });
    return {
      get problem() {
        return file.problem;
      },
      get written() {
        return file.written;
      },
      get dropped() {
        return file.dropped;
      },
      write: (line) => file.write(toText(line)),
      close: () => file.close(),
    };
  } catch (error) {
    throw new PairPolicyError([failedWrite(path, error)]);
  }
}

function toText({ record, context, outcome }: RecordedLine): string {
  const { facts, other } = toLoggable(record);
  return `${JSON.stringify({ ...other, ...facts, ...(context && { context }), ...(outcome && { outcome }) })}\n`;
}
