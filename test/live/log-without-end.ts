/** Logs decisions until it is killed; says when it has logged some. */
import { openDecisionLog } from '../../src/live/index.js';
import { heldEntry } from './log-entries.js';

const log = await openDecisionLog(process.argv[2] ?? '', { maxBytes: 20_000, keep: 1_000_000 });
for (let at = 0; ; at += 1) {
  log.decided(heldEntry({ displayName: String(at) }));
  if (at % 50 === 0) await log.flush();
  if (at === 1000) process.stdout.write('some\n');
}
