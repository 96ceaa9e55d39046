import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freshFolder } from './log-entries.js';

/** Whether this user may mount a file system: most may not. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0 && mountsOnce();

/** A file system of its own that takes so many bytes; unmounted when the test has finished. */
export function smallDisk(bytes: number): string {
  const disk = join(freshFolder(), 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'small-disk', disk]);
  // Before the folder is removed: what was registered last comes first.
  onTestFinished(() => void execFileSync('umount', ['--lazy', disk]));
  return disk;
}

/** Takes the rest of the disk; returns the file that does. */
export function fillDisk(disk: string): string {
  const filler = join(disk, 'filler');
  for (const size of [65_536, 4096, 1]) {
    try {
      for (;;) writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  return filler;
}

function mountsOnce(): boolean {
  try {
    // In a mount namespace of its own, which is gone with it.
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/tmp'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
