import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { holdLock } from '../../src/live/index.js';
import type { PairPolicyError } from '../../src/model/index.js';
import { temporaryFolder } from './watch/watched-folder.js';

it('whoever loses the lock is told, and the process goes on', async () => {
  const path = join(await temporaryFolder(), 'serve');
  const lost = await new Promise<PairPolicyError>((resolve) => {
    void holdLock(path, resolve).then(() => rm(`${path}.lock`, { recursive: true }));
  });
  expect(lost.problems.map(({ code }) => code)).toEqual(['STORE_BUSY']);
});
