/**
 * Rewrites `devices/paired.json` as gateways do: read, change, replace, under no lock. Says a line for each time, and at
 * the end how often it did not find what it had written. Ends when its input does.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const [stateDir = '', pauseMs = '20'] = process.argv.slice(2);
const file = join(stateDir, 'devices/paired.json');
let isEnding = false;
let writes = 0;
let lost = 0;
process.stdin.on('end', () => {
  isEnding = true;
});
process.stdin.resume();
while (!isEnding) {
  const rows = JSON.parse(readFileSync(file, 'utf8'));
  if (writes > 0 && rows.gateway?.lastSeenAtMs !== writes) lost += 1;
  rows.gateway = { deviceId: 'gateway', roles: [], lastSeenAtMs: writes + 1 };
  const text = JSON.stringify(rows, null, 2);
  const temporary = `${file}.${randomUUID()}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, file);
  writes += 1;
  process.stdout.write(`${writes}\n`);
  await delay(Number(pauseMs));
}
process.stdout.write(`${JSON.stringify({ writes, lost })}\n`);
