import { Readable, Writable } from 'node:stream';
import type { ExitCode } from '../../src/cli/exit-code.js';
import { run } from '../../src/cli/run.js';
import type { Terminal } from '../../src/cli/terminal.js';

/** What a command line gave. */
export interface Finished {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, with streams that are kept. */
export async function runCommand(
  args: readonly string[],
  given: Partial<Omit<Terminal, 'stdout' | 'stderr'>> = {},
): Promise<Finished> {
  const stdout = new KeptStream();
  const stderr = new KeptStream();
  const code = await run(args, {
    stdin: Readable.from([]),
    env: {},
    cwd: process.cwd(),
    now: () => Date.UTC(2026, 11, 1, 9),
    ...given,
    stdout,
    stderr,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class KeptStream extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
