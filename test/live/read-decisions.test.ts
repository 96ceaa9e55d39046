import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  type LoggedDecision,
  openDecisionLog,
  type PassedOver,
  readDecisions,
} from '../../src/live/index.js';
import { freshFolder, heldEntry } from './log-entries.js';

async function readAll(file: string) {
  const passedOver: PassedOver[] = [];
  const read: LoggedDecision[] = [];
  for await (const one of readDecisions(file, (place) => passedOver.push(place))) read.push(one);
  return { read, passedOver };
}

it('tells the decisions of all files in order, and passes over what is none', async () => {
  const file = join(freshFolder(), 'decisions.jsonl');
  const log = await openDecisionLog(file, { maxBytes: 1000 });
  for (let at = 0; at < 12; at += 1) {
    log.decided({
      ...heldEntry({ deviceId: `${at}`, displayName: 'a\u2028b' }),
      requestId: `r${at}`,
    });
    await log.flush();
  }
  await log.close();
  appendFileSync(file, `\n{"deviceId":"x"}\n${'x'.repeat(1_100_000)}\n{"deviceId":"cut o`);
  const { read, passedOver } = await readAll(file);
  expect(read.map(({ deviceId, pending }) => [deviceId, pending])).toEqual(
    Array.from({ length: 12 }, (_, at) => [`${at}`, `r${at}`]),
  );
  expect(read[0]).toMatchObject({
    file: expect.stringMatching(/decisions-000001\.jsonl$/),
    line: 1,
    displayName: 'a\u2028b',
    decision: { action: 'hold', rule: null, cause: 'default', generation: 1, at: 1_000 },
    answered: 'refused',
  });
  const { line } = read.at(-1) ?? expect.fail();
  expect(passedOver.map((place) => place.line)).toEqual([line + 2, line + 3, line + 4]);
});

it('a log that is not there is empty', async () => {
  expect(await readAll(join(freshFolder(), 'decisions.jsonl'))).toEqual({
    read: [],
    passedOver: [],
  });
});

it('an empty log is empty', async () => {
  const file = join(freshFolder(), 'decisions.jsonl');
  writeFileSync(file, '');
  expect(await readAll(file)).toEqual({ read: [], passedOver: [] });
});
