/** What the commands' options have in common. */
import { type Command, Option } from 'commander';
import type { ExitCode } from './exit-code.js';
import type { Terminal } from './terminal.js';

/** Gets the exit code of the command that ran. */
export type Finish = (code: ExitCode) => void;

/** Adds one command to the program. */
export type AddCommand = (program: Command, terminal: Terminal, finish: Finish) => void;

/** Where policies are looked for when none are named. */
export const DEFAULT_POLICIES = 'policies';

/** `--format`, with the first as the default. */
export function formatOption(formats: readonly string[]): Option {
  return new Option('--format <format>', 'how to print').choices(formats).default(formats[0]);
}

/** `--json`, which is `--format json` on every command. */
export function jsonOption(): Option {
  return new Option('--json', 'the same as --format json').implies({ format: 'json' });
}

/** For an option that can be said more than once. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** The examples below a command's help. */
export function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}\n`).join('')}`;
}
