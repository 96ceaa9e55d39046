/** `record --from-log`: what can be made of a gateway's own log. */
import { createReadStream } from 'node:fs';
import type { RecordingFile } from '../../live/index.js';
import { type ConnectRecord, PairPolicyError } from '../../model/index.js';
import { readLoggedConnects } from '../../openclaw/index.js';
import { ProblemList, reportUnreadable } from '../../policy/index.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { plural } from '../render/show-value.js';
import { type Terminal, write } from '../terminal.js';
import type { RecordOptions } from './record-options.js';

/** Reads the logs; the connects go to the file, or to standard output where none is named. */
export async function recordFromLog(
  logs: readonly string[],
  file: RecordingFile | undefined,
  { gatewayVersion, name }: RecordOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const connects = await readLoggedConnects(linesOf(logs), { gatewayVersion, gatewayName: name });
  for (const { record, outcome } of connects) {
    const line = { ...record, ...(outcome && { outcome }) };
    if (file) file.write({ record: record as ConnectRecord, outcome });
    else await write(terminal.stdout, `${JSON.stringify(line)}\n`);
  }
  terminal.stderr.write(
    `${plural(connects.length, 'connect')} found; roles, scopes and client modes of new devices are in no log\n`,
  );
  return EXIT.fine;
}

async function* linesOf(logs: readonly string[]): AsyncIterable<string> {
  for (const path of logs) {
    try {
      // Not `readline`: it passes on no error of its input.
      let rest = '';
      for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
        const lines = `${rest}${chunk}`.split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
      }
      if (rest !== '') yield rest;
    } catch (error) {
      const problems = new ProblemList();
      reportUnreadable(path, error, problems);
      throw new PairPolicyError(problems.sorted());
    }
  }
}
