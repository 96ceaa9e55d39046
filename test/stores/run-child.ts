import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A child process that runs, and what it has said so far. */
export interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  /** Its whole lines of output. */
  lines(): readonly string[];
  /** What it said on its standard error. */
  errors(): string;
  /** Resolves when it has ended and all of its output is there. */
  readonly ended: Promise<void>;
}

/** Starts a program of this folder's `children/`. */
export function runChild(name: string, ...args: readonly (string | number)[]): Child {
  const path = fileURLToPath(new URL(`children/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args.map(String)]);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  return {
    process: child,
    lines: () => output.split('\n').slice(0, -1),
    errors: () => errors,
    ended: once(child, 'close').then(() => {}),
  };
}

/** Resolves when a child has said so many lines; fails where it ends before. */
export async function untilLines(child: Child, count: number): Promise<void> {
  while (child.lines().length < count) {
    if (child.process.exitCode !== null) throw new Error(`it has ended: ${child.errors()}`);
    await Promise.race([once(child.process.stdout, 'data'), child.ended]);
  }
}
