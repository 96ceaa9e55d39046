import { Readable, Writable } from 'node:stream';
import type { Terminal } from '../../src/cli/terminal.js';

/** A terminal that nobody sees; what is written to it is kept. */
export interface KeptTerminal extends Terminal {
  written(): string;
}

/** What would go on for ever is interrupted after so long. */
const INTERRUPT_AFTER_MS = 50;

/** A terminal whose standard input holds these bytes. */
export function keptTerminal(input: Uint8Array, now: number): KeptTerminal {
  const pieces: string[] = [];
  const stream = () =>
    new Writable({
      decodeStrings: false,
      write(chunk: unknown, _encoding, done) {
        pieces.push(String(chunk));
        done();
      },
    });
  return {
    stdin: Readable.from(input.length > 0 ? [Buffer.from(input)] : []),
    stdout: stream(),
    stderr: stream(),
    env: {},
    cwd: process.cwd(),
    now: () => now,
    onInterrupt: (stop) => {
      const timer = setTimeout(stop, INTERRUPT_AFTER_MS);
      return () => clearTimeout(timer);
    },
    written: () => pieces.join(''),
  };
}
