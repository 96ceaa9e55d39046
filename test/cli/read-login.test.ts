/** Whose token is taken, where no file and no variable says one. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readLogin } from '../../src/cli/gateway/read-login.js';
import type { Terminal } from '../../src/cli/terminal.js';

let home = '';
const folders = ['.openclaw', '.openclaw-work', 'named', 'elsewhere'];

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'pair-policy-login-'));
  for (const folder of folders) {
    mkdirSync(join(home, folder));
    const config = { gateway: { auth: { mode: 'token', token: `token-of-${folder}` } } };
    writeFileSync(join(home, folder, 'openclaw.json'), JSON.stringify(config));
  }
  mkdirSync(join(home, 'ours'));
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

const cases: [of: string, env: Record<string, string>, stateDir: string | undefined][] = [
  ['.openclaw', {}, undefined],
  ['.openclaw-work', { OPENCLAW_PROFILE: 'work' }, undefined],
  ['named', { OPENCLAW_STATE_DIR: 'named', OPENCLAW_PROFILE: 'work' }, undefined],
  ['elsewhere', { OPENCLAW_CONFIG_PATH: 'elsewhere/openclaw.json' }, 'named'],
  ['named', {}, 'named'],
  ['.openclaw', {}, 'ours'],
];

it.each(cases)('that of %s: %o, --state-dir %s', async (of, env, stateDir) => {
  const inHome = Object.entries(env).map(([name, value]) => [
    name,
    name === 'OPENCLAW_PROFILE' ? value : join(home, value),
  ]);
  const terminal = { env: { HOME: home, ...Object.fromEntries(inHome) } } as unknown as Terminal;
  const options = stateDir === undefined ? {} : { stateDir: join(home, stateDir) };
  expect(await readLogin(options, terminal)).toEqual({ token: `token-of-${of}` });
});

it('a gateway that nothing names gives none', async () => {
  expect(await readLogin({}, { env: {} } as unknown as Terminal)).toEqual({});
});
