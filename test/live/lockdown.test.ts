/** The emergency that the cookbook speaks of, with the policies that are shipped. */
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createLivePolicy } from '../../src/live/index.js';
import { eventually } from './followed-policy.js';
import { temporaryFolder } from './watch/watched-folder.js';

const NODE = {
  deviceId: '0'.repeat(64),
  remoteIp: '192.168.77.10',
  forwarded: false,
  role: 'node',
  clientMode: 'node',
  kind: 'new-device',
  scopes: [],
} as const;
const PAIRED = { ...NODE, kind: 'reconnect' } as const;
const FILES = ['pairing.yaml', 'pairing.test.yaml'];

async function lockdown(): Promise<string> {
  const page = await readFile('docs/cookbook.md', 'utf8');
  const [, text] = /## Lockdown\n[^`]*```yaml\n(.*?)```/s.exec(page) ?? [];
  if (text === undefined) throw new Error('the cookbook has no lockdown');
  return text;
}

async function follow() {
  const folder = join(await temporaryFolder(), 'policies');
  await mkdir(folder);
  for (const file of FILES) await cp(join('policies', file), join(folder, file));
  const live = await createLivePolicy(folder);
  onTestFinished(() => live.close());
  return { folder, live };
}

it('a lockdown in the place of the other policies stops all from elsewhere, paired or not, until it is gone', async () => {
  const { folder, live } = await follow();
  const aside = `${folder}-aside`;
  await mkdir(aside);
  for (const file of FILES) await rename(join(folder, file), join(aside, file));
  await writeFile(join(folder, 'lockdown.yaml'), await lockdown());
  await eventually(() => {
    for (const record of [NODE, PAIRED]) {
      expect(live.current.decide(record)).toMatchObject({ action: 'deny', rule: 'lockdown' });
    }
  });

  await rm(join(folder, 'lockdown.yaml'));
  for (const file of FILES) await rename(join(aside, file), join(folder, file));
  await eventually(() => expect(live.current.decide(PAIRED).rule).toBe('(paired)'));
});

it('beside the others it does not come into force, and that is told', async () => {
  const { folder, live } = await follow();
  const codes: string[] = [];
  live.on('rejected', ({ problems }) => codes.push(...problems.map(({ code }) => code)));
  await writeFile(join(folder, 'lockdown.yaml'), await lockdown());
  await eventually(() => expect(codes).toContain('TEST_FAILED'));
  expect(live.current.decide(PAIRED).rule).toBe('(paired)');
});
