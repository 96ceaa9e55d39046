/** Output that cannot be written: a reader that went away, a full disk. */
import { problemLine, startOf } from '../model/index.js';
import type { Terminal } from './terminal.js';

/**
 * Handles what writes fail with, so that nothing is thrown. A reader of stdout that went away
 * (`| head`) has what it wanted: the command goes on and its exit code is its own. Any other failure is
 * told on stderr, and `onLost` is called once. What cannot be written to stderr is lost.
 */
export function watchOutput(
  { stdout, stderr }: Pick<Terminal, 'stdout' | 'stderr'>,
  onLost: () => void,
): void {
  let isLost = false;
  stderr.on('error', () => undefined);
  stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    // The stream may try again with the next text, and fail again.
    if (code === 'EPIPE' || isLost) return;
    isLost = true;
    const line = problemLine({
      ...startOf('stdout'),
      severity: 'error',
      code: 'WRITE_FAILED',
      message: `the output could not be written: ${code ?? message}`,
      hint: '',
    });
    stderr.write(`${line}\n    help: make room on the device, or write to another\n`);
    onLost();
  });
}
