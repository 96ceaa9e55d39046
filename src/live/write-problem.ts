/** What is said of a file that cannot be written. */
import { type Problem, startOf } from '../model/index.js';

/** The failure of writing a file, by the error of the file system. */
export function failedWrite(file: string, error: unknown): Problem {
  const { code, message } = error as NodeJS.ErrnoException;
  return {
    ...startOf(file),
    code: 'WRITE_FAILED',
    severity: 'error',
    message: `the file cannot be written: ${code ?? message}`,
    hint: HINTS[code ?? ''] ?? 'check owner and mode of the file and its folder',
  };
}

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: make room on it; writing goes on by itself',
  EDQUOT: 'the quota is used up: make room; writing goes on by itself',
  EROFS: 'the file system can only be read: choose another place for the file',
};
