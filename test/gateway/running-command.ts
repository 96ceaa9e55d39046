/** A command that runs until it is interrupted, with what it has said so far. */
import { Readable, Writable } from 'node:stream';
import { run } from '../../src/cli/run.js';

export interface RunningCommand {
  stdout(): string;
  stderr(): string;
  /** Interrupts it; gives its exit code. */
  end(): Promise<number>;
}

/** Starts it in this process. */
export function startCommand(args: readonly string[]): RunningCommand {
  const stdout = keepText();
  const stderr = keepText();
  let interrupt = () => {};
  const finished = run(args, {
    stdin: Readable.from([]),
    env: {},
    cwd: process.cwd(),
    now: Date.now,
    onInterrupt: (stop) => {
      interrupt = stop;
      return () => {};
    },
    stdout: stdout.stream,
    stderr: stderr.stream,
  });
  return {
    stdout: stdout.text,
    stderr: stderr.text,
    async end() {
      interrupt();
      return await finished;
    },
  };
}

function keepText() {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream, text: () => text };
}
