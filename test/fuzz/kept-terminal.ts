import { Readable, Writable } from 'node:stream';
import type { Terminal } from '../../src/cli/terminal.js';

/** A terminal that nobody sees; what is written to it is kept. */
export interface KeptTerminal extends Terminal {
  written(): string;
}

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
    written: () => pieces.join(''),
  };
}
