/** What a command talks to: the streams, the environment and the clock, given so that tests can give others. */
import type { Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';

export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `init --dir` starts from, and what paths in SARIF are relative to. What is read is found from the process's own. */
  readonly cwd: string;
  /** ms since the epoch. */
  now(): number;
  /** Has `stop` called, instead of the process ended, at Ctrl-C and SIGTERM; the answer stops that. */
  readonly onInterrupt?: (stop: () => void) => () => void;
}

type Format = Parameters<typeof styleText>[0];
export type Paint = (format: Format, text: string) => string;

/** Colours for a stream: only on a terminal, never with `NO_COLOR`, always with `FORCE_COLOR`. */
export function painter(stream: { readonly isTTY?: boolean }, env: Terminal['env']): Paint {
  const forced = (env['FORCE_COLOR'] ?? '') !== '' && env['FORCE_COLOR'] !== '0';
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const colourful = forced || (stream.isTTY === true && !refused);
  return (format, text) => (colourful ? styleText(format, text, { validateStream: false }) : text);
}

/**
 * Writes and waits where the reader is slower, so that memory stays bounded. It never throws: what
 * cannot be written is dropped, and `watchOutput` says what becomes of that.
 */
export function write(stream: Writable, text: string): Promise<void> {
  // What failed and was not closed never calls back.
  if (stream.errored) return Promise.resolve();
  return new Promise((resolve) => {
    // Unlike `drain`, the callback comes whatever becomes of the text.
    if (stream.write(text, () => resolve())) resolve();
  });
}
