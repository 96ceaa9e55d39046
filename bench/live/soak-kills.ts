/** `tsx bench/live/soak-kills.ts [kills]`: kills a process at a random moment of 1,000 approvals, over and over, and counts. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceNo } from '../../test/stores/asks.js';
import { runChild, untilLines } from '../../test/stores/run-child.js';

const APPROVALS = 1000;
const counts = { kills: 0, answered: 0, onDisk: 0, lost: 0, readings: 0, unreadable: 0 };

function read(file: string): Record<string, unknown> {
  counts.readings += 1;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    counts.unreadable += 1;
    return {};
  }
}

async function killOnce(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-soak-'));
  const files = ['paired', 'pending'].map((name) => join(folder, `devices/${name}.json`));
  mkdirSync(join(folder, 'devices'));
  for (const file of files) writeFileSync(file, '{}');
  const child = runChild('approve-many', folder, 0, APPROVALS);
  const reading = setInterval(() => files.map(read), 1);
  await untilLines(child, 1 + Math.floor(Math.random() * (APPROVALS - 100)));
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
  child.process.kill('SIGKILL');
  await child.ended;
  clearInterval(reading);
  const [paired = {}] = files.map(read);
  const answered = child.lines().map((line) => deviceNo(Number(line)).deviceId);
  counts.kills += 1;
  counts.answered += answered.length;
  counts.onDisk += Object.keys(paired).length;
  counts.lost += answered.filter((deviceId) => !Object.hasOwn(paired, deviceId)).length;
  rmSync(folder, { recursive: true, force: true });
}

for (let kills = Number(process.argv[2] ?? 50); kills > 0; kills -= 1) await killOnce();
console.log(counts);
