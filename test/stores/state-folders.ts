import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DATA = fileURLToPath(new URL('data', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'pair-policy-stores-'));

/** Removes all the folders. */
export function removeFolders(): void {
  rmSync(root, { recursive: true, force: true });
}

/** A new state folder with these files. */
export function stateFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = mkdtempSync(join(root, 'state-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** A new state folder as a gateway of that release left it. */
export function recordedFolder(release: string): string {
  const folder = stateFolder();
  cpSync(join(DATA, release), folder, { recursive: true });
  return folder;
}

/** The rows of a file. */
export function rowsOf(folder: string, file: string): Record<string, Record<string, unknown>> {
  return JSON.parse(readFileSync(join(folder, file), 'utf8'));
}
