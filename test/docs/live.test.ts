import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import * as library from '../../src/index.js';
import { denying, eventually, replace, writeOld } from '../live/followed-policy.js';
import { temporaryFolder } from '../live/watch/watched-folder.js';
import { fencesOf } from './fences.js';

it('the program of the page tells of every edit', async () => {
  const [program] = fencesOf(readFileSync('docs/live.md', 'utf8'), 'ts');
  const [importing, ...body] = (program?.text ?? '').split('\n');
  expect(importing).toBe("import { createLivePolicy } from 'pair-policy';");
  const run = new Function(
    'createLivePolicy',
    'paths',
    'record',
    'console',
    `return (async () => {${body.join('\n')}\nreturn live;})()`,
  ) as (...values: unknown[]) => Promise<library.LivePolicy>;
  const path = await writeOld(join(await temporaryFolder(), 'policy.yaml'), denying('one'));
  const printed: unknown[][] = [];
  const log = (...words: unknown[]) => printed.push(words);
  const live = await run(library.createLivePolicy, path, { displayName: 'one' }, { log });
  onTestFinished(() => live.close());
  expect(printed).toEqual([['deny']]);
  await replace(path, denying('two'));
  await eventually(() => expect(printed.at(-1)).toEqual(['reloaded', 2, ['two'], ['one']]));
  await writeFile(`${path}.bad`, 'version: 1\nrules: 3\n');
  await rename(`${path}.bad`, path);
  await eventually(() => expect(printed.at(-1)).toEqual(['rejected', 'WRONG_TYPE', 2]));
  await replace(path, `# a word about it\n${denying('two')}`);
  await eventually(() => expect(printed.at(-1)).toEqual(['unchanged']));
});
