/** A yes or no of a person at the terminal. */
import { createInterface } from 'node:readline/promises';
import type { Terminal } from '../terminal.js';

/** Asks on stderr; whatever is no yes, and going away, is a no. */
export async function confirm(question: string, terminal: Terminal): Promise<boolean> {
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr });
  try {
    lines.setPrompt(`${question} [y/N] `);
    lines.prompt();
    const { done, value } = await lines[Symbol.asyncIterator]().next();
    if (done) terminal.stderr.write('\n');
    return !done && /^\s*y(es)?\s*$/i.test(value);
  } finally {
    lines.close();
  }
}
