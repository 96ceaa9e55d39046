/**
 * Reads the paired files once, and writes them back as they were for each line of its input: a gateway that keeps in
 * memory what it read before others wrote, and knows no lock.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [stateDir = ''] = process.argv.slice(2);
const files = ['devices/paired.json', 'nodes/paired.json'].map((name) => join(stateDir, name));
const copies = files
  .filter((file) => existsSync(file))
  .map((file) => [file, readFileSync(file)] as const);
process.stdout.write('ready\n');
for await (const _line of createInterface(process.stdin)) {
  for (const [file, bytes] of copies) {
    const temporary = `${file}.${randomUUID()}.tmp`;
    writeFileSync(temporary, bytes, { mode: 0o600 });
    renameSync(temporary, file);
  }
  process.stdout.write('written\n');
}
