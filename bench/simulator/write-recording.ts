import { closeSync, openSync, writeSync } from 'node:fs';
import type { PlainRecord } from '../policies/plain-policy.js';

const LINE_BYTES = 500;
const LINES_AT_ONCE = 4096;

/**
 * Writes a recording with lines of 500 bytes each, the records over and over, as the same devices connect again. `isVaried`:
 * each line is of a device that was never seen before.
 */
export function writeRecording(
  path: string,
  records: readonly PlainRecord[],
  lines: number,
  isVaried = false,
): void {
  const file = openSync(path, 'w');
  for (let start = 0; start < lines; start += LINES_AT_ONCE) {
    const count = Math.min(LINES_AT_ONCE, lines - start);
    const texts = Array.from({ length: count }, (_, i) =>
      lineOf(records[(start + i) % records.length] as PlainRecord, start + i, isVaried),
    );
    writeSync(file, texts.join(''));
  }
  closeSync(file);
}

function lineOf(record: PlainRecord, number: number, isVaried: boolean): string {
  const own = isVaried && {
    deviceId: number.toString(16).padStart(64, '0'),
    displayName: `device ${number}`,
  };
  const line = JSON.stringify({
    ts: 1_780_000_000_000 + number,
    requestId: `request-${number}`,
    ...record,
    ...own,
  });
  // What a gateway also sends and no policy reads.
  const rest = LINE_BYTES - line.length - `,"remoteHost":""\n`.length;
  return `${line.slice(0, -1)},"remoteHost":"${'x'.repeat(Math.max(0, rest))}"}\n`;
}
