/** The way to a gateway: refused, unreachable, old, or away for a while. */

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readIdentity } from '../../src/cli/gateway/gateway-identity.js';
import { readLogin } from '../../src/cli/gateway/read-login.js';
import type { Terminal } from '../../src/cli/terminal.js';
import { connectGateway, type GatewayLink } from '../../src/openclaw/index.js';
import { runCommand } from '../cli/run-command.js';
import { codesOf } from '../stores/contract.js';
import { startGateway } from './governed.js';
import { waitUntil } from './wait-until.js';

function folder() {
  const made = mkdtempSync(join(tmpdir(), 'pair-policy-link-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

const closing = (link: GatewayLink) => {
  onTestFinished(() => link.close());
  return link;
};

describe('a gateway', () => {
  test('that is not there fails a command, and ends its waiting when it is interrupted', async () => {
    const url = `ws://127.0.0.1:${await freePort()}`;
    const options = { url, clientVersion: '1.0.0' };
    expect(await codesOf(connectGateway({ ...options, failsWhenUnreachable: true }))).toEqual([
      'GATEWAY_UNREACHABLE',
    ]);
    const interrupt = new AbortController();
    const waiting = codesOf(connectGateway({ ...options, signal: interrupt.signal }));
    interrupt.abort();
    expect(await waiting).toEqual(['GATEWAY_UNREACHABLE']);
    expect(await codesOf(connectGateway({ ...options, signal: interrupt.signal }))).toEqual([
      'GATEWAY_UNREACHABLE',
    ]);
  });

  test.each([
    ['INVALID_REQUEST', 'unauthorized: gateway token mismatch', 'AUTH_TOKEN_MISSING'],
    ['NOT_PAIRED', 'pairing required', 'PAIRING_REQUIRED'],
  ])('that refuses us says so: %s', async (code, message, detail) => {
    const gateway = await startGateway();
    gateway.refusal = { code, message, details: { code: detail } };
    const options = { url: gateway.url, token: 't', clientVersion: '1.0.0' };
    expect(await codesOf(connectGateway(options))).toEqual(['GATEWAY_REFUSED']);
  });

  test('a public address without TLS is not opened', async () => {
    const options = {
      url: 'ws://198.51.100.1:18789',
      clientVersion: '1.0.0',
      failsWhenUnreachable: true,
    };
    const codes = await codesOf(connectGateway(options));
    expect(codes[0]).toMatch(/^GATEWAY_(REFUSED|UNREACHABLE)$/);
  });

  test('that gives a token no authority is asked with a device of ours', async () => {
    const gateway = await startGateway();
    gateway.scopes = [];
    const dataDir = folder();
    const link = closing(
      await connectGateway({
        url: gateway.url,
        token: 't',
        clientVersion: '1.0.0',
        identity: () => readIdentity(dataDir),
        failsWhenUnreachable: true,
      }),
    );
    expect(link.hello?.scopes?.has('operator.admin')).toBe(true);
    expect(gateway.connects.map(({ device }) => device !== undefined)).toEqual([false, true]);
    const identity = join(dataDir, 'identity.json');
    expect(statSync(identity).mode & 0o777).toBe(0o600);
    expect((await readIdentity(dataDir)).deviceId).toBe((await readIdentity(dataDir)).deviceId);
    for (const broken of ['{', '{"deviceId":"x"}']) {
      writeFileSync(identity, broken);
      expect(await codesOf(readIdentity(dataDir))).toEqual(['STORE_UNREADABLE']);
    }
  });

  test('that does not tell our scopes is asked for them', async () => {
    const gateway = await startGateway();
    gateway.scopes = undefined;
    const dataDir = folder();
    const options = {
      url: gateway.url,
      clientVersion: '1.0.0',
      identity: () => readIdentity(dataDir),
    };
    closing(await connectGateway(options));
    expect(gateway.connects).toHaveLength(1);
    gateway.faults.set('device.pair.list', [
      { code: 'INVALID_REQUEST', message: 'missing scope: operator.pairing' },
    ]);
    closing(await connectGateway(options));
    expect(gateway.connects).toHaveLength(3);
  });

  test('that refuses what it cannot attribute is told apart from one that is away', async () => {
    const server = createHttpServer().on('upgrade', (_, socket) =>
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const error = await connectGateway({ url, clientVersion: '1.0.0' }).catch((reason) => reason);
    expect(error.problems).toMatchObject([
      { code: 'GATEWAY_REFUSED', hint: expect.stringContaining('trustedProxies') },
    ]);
  });

  test.each([
    [1008, 'policy'],
    [1012, 'service restart'],
    [1013, 'try again later'],
    [4000, 'anything'],
  ])('that ends the connection with %i is tried again', async (code, reason) => {
    const gateway = await startGateway();
    const link = closing(
      await connectGateway({ url: gateway.url, token: 't', clientVersion: '1.0.0' }),
    );
    const told: unknown[] = [];
    link.on('down', (event) => told.push(event));
    link.on('up', () => told.push('up'));
    gateway.end(code, reason);
    await waitUntil(() => told.length === 2);
    expect(told).toEqual([{ code, reason }, 'up']);
  });

  test('that refuses us while it runs is told, and is tried again', async () => {
    const gateway = await startGateway();
    const missed: string[] = [];
    const link = closing(
      await connectGateway({
        url: gateway.url,
        token: 't',
        clientVersion: '1.0.0',
        onMissed: ({ problems }) => missed.push(...problems.map(({ code }) => code)),
      }),
    );
    gateway.refusal = { code: 'INVALID_REQUEST', message: 'not now' };
    gateway.end(1012, 'service restart');
    await waitUntil(() => missed.includes('GATEWAY_REFUSED'));
    gateway.refusal = undefined;
    await waitUntil(() => link.hello);
  });

  test('that restarts is there again, and in between nothing is asked', async () => {
    const gateway = await startGateway();
    const link = closing(
      await connectGateway({ url: gateway.url, token: 't', clientVersion: '1.0.0' }),
    );
    const told: string[] = [];
    link.on('down', () => told.push('down'));
    link.on('up', () => told.push('up'));
    await gateway.stop();
    await waitUntil(() => told.includes('down'));
    expect(await codesOf(link.request('device.pair.list', {}))).toEqual(['GATEWAY_UNREACHABLE']);
    await gateway.listen();
    await waitUntil(() => told.includes('up'));
    expect(told).toEqual(['down', 'up']);
  });
});

describe('the login', () => {
  const terminal = (env: Terminal['env']) => ({ env }) as Terminal;

  test('comes from a file, the environment, or the config of the gateway, in this order', async () => {
    const home = folder();
    const file = join(home, 'secret');
    writeFileSync(file, ' of-file\n');
    writeFileSync(
      join(home, 'openclaw.json'),
      "{ gateway: { auth: { mode: 'token', token: 'of-config', password: 'p' } }, /* JSON5 */ }",
    );
    const state = { OPENCLAW_STATE_DIR: home };
    const env = { ...state, OPENCLAW_GATEWAY_TOKEN: 'of-env' };
    expect(await readLogin({ tokenFile: file }, terminal(env))).toEqual({ token: 'of-file' });
    expect(await readLogin({ passwordFile: file }, terminal(env))).toEqual({ password: 'of-file' });
    expect(await readLogin({}, terminal(env))).toEqual({ token: 'of-env' });
    expect(await readLogin({}, terminal({ ...state, OPENCLAW_GATEWAY_PASSWORD: 'p' }))).toEqual({
      password: 'p',
    });
    expect(await readLogin({}, terminal(state))).toEqual({ token: 'of-config' });
  });

  test.each([
    ["{ gateway: { auth: { mode: 'password', token: 't', password: 'p' } } }", { password: 'p' }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how OpenClaw's config names a variable
    ["{ gateway: { auth: { token: '${TOKEN}' } } }", {}],
    ['{ gateway: { auth: { token: { source: "env" } } } }', {}],
    ['[]', {}],
    ['{', {}],
  ])('the config %s', async (text, expected) => {
    const home = folder();
    writeFileSync(join(home, 'openclaw.json'), text);
    expect(await readLogin({}, terminal({ OPENCLAW_STATE_DIR: home }))).toEqual(expected);
  });

  test.each(['', 'two words'])('a file with %j is none', async (text) => {
    const file = join(folder(), 'secret');
    writeFileSync(file, text);
    expect(await codesOf(readLogin({ tokenFile: file }, terminal({})))).toEqual(['ARGUMENT']);
    expect(await codesOf(readLogin({ tokenFile: `${file}-not` }, terminal({})))).toHaveLength(1);
  });
});

test.each([
  ['http://127.0.0.1:1', 'must be a URL'],
  ['nonsense', 'must be a URL'],
  ['ws://user:secret@127.0.0.1:1', '--token-file'],
])('the URL %s is refused', async (url, message) => {
  const { code, stderr } = await runCommand(['devices', '--gateway', url]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
