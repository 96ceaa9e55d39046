import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../cli/run-command.js';
import { fencesOf } from './fences.js';

const PAGES = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter((page) =>
  page.endsWith('.md'),
);

/** The commands of the pages with what they print; `…` on a line of its own stands for any lines. */
const EXAMPLES = PAGES.flatMap((page) =>
  fencesOf(readFileSync(page, 'utf8'), 'console').flatMap(({ text, line }) =>
    text
      .split(/^\$ /m)
      .filter((part) => part !== '')
      .map((part) => {
        const [command = '', ...output] = part.trimEnd().split('\n');
        return { page, line, command, output };
      }),
  ),
);

describe('the commands of the pages', () => {
  it.each(EXAMPLES)('$page:$line: $command prints what is shown', async ({ command, output }) => {
    const [program, ...args] = command.split(' ');
    expect(program).toBe('pair-policy');
    const { stdout } = await runCommand(args);
    const pattern = output.map((line) => (line === '…' ? '(?:.*\n)*?' : `${escaped(line)}\n`));
    expect(stdout).toMatch(new RegExp(`^${pattern.join('')}$`));
  });
});

/** Every command of a shell block is one that exists, with options that exist. */
const COMMANDS = PAGES.flatMap((page) =>
  fencesOf(readFileSync(page, 'utf8'), 'sh').flatMap(({ text, line }) =>
    text
      .trimEnd()
      .split('\n')
      .map((command) => ({ page, line, command })),
  ),
);

describe('the shell lines of the pages', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    scripts: Record<string, string>;
  };
  it.each(COMMANDS)('$page:$line: $command can be run', async ({ command }) => {
    for (const part of command.split(' && ')) {
      const script = /^npm run (\S+)/.exec(part)?.[1];
      if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
      const [program, name, ...rest] = part.split(' ');
      if (program !== 'pair-policy' || name === undefined) continue;
      const { stdout } = await runCommand([name, '--help']);
      for (const option of rest.filter((word) => word.startsWith('--'))) {
        expect(stdout).toContain(option);
      }
    }
  });
});

function escaped(line: string): string {
  return line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
