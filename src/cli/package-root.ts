/** Where this package lies: its manifest, and what it ships beside its code. */
import { readFileSync } from 'node:fs';

/** The root of the package. INVARIANT: this file, and the bundle that it goes into, lie two folders below it. */
export const PACKAGE_ROOT = new URL('../../', import.meta.url);

/** The version of this package. */
export function readVersion(): string {
  const text = readFileSync(new URL('package.json', PACKAGE_ROOT), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
