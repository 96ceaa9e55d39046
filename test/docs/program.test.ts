import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as library from '../../src/index.js';
import { fencesOf } from './fences.js';

const RECORD = {
  deviceId: '5e1fb9f2c0a44dd8a2f6f4f0c3a7b1e95e1fb9f2c0a44dd8a2f6f4f0c3a7b1e9',
  remoteIp: '127.0.0.1',
  forwarded: false,
  role: 'operator',
  scopes: ['operator.read'],
  kind: 'new-device',
};

it('the program of the README decides', async () => {
  const [program] = fencesOf(readFileSync('README.md', 'utf8'), 'ts');
  const [importing = '', ...body] = (program?.text ?? '').split('\n');
  const names = /^import \{ (.*) \} from 'pair-policy';$/.exec(importing)?.[1]?.split(', ') ?? [];
  expect(Object.keys(library)).toEqual(expect.arrayContaining(names));
  const printed: unknown[] = [];
  const run = new Function(
    ...names,
    'record',
    'console',
    `return (async () => {${body.join('\n')}})()`,
  ) as (...values: unknown[]) => Promise<void>;
  const values = names.map((name) => (library as unknown as Record<string, unknown>)[name]);
  await run(...values, RECORD, { log: (...words: unknown[]) => printed.push(...words) });
  expect(printed.slice(0, 2)).toEqual(['approve', 'own-machine']);
});
