/** A gateway's own log: what it tells of pairing, and what it shows. */
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { followGatewayLog } from '../../src/openclaw/follow-gateway-log.js';
import {
  type LoggedRefusal,
  parseGatewayLog,
  showsLoopback,
} from '../../src/openclaw/parse-gateway-log.js';
import { readLoggedConnects } from '../../src/openclaw/read-logged-connects.js';
import { runCommand } from '../cli/run-command.js';
import { deviceNo } from '../stores/asks.js';
import { waitUntil } from './wait-until.js';

const { deviceId } = deviceNo(1);

type Row = Readonly<Record<string, unknown>>;

/** A refusal as 2026.9.6 logs it. */
function refusal(
  meta: Row = {},
  text = 'closed before connect conn=c1 peer=p remote=192.168.1.9 fwd=n/a',
  date = '2026-11-24T10:00:00.000Z',
) {
  const full = {
    cause: 'pairing-required',
    requestId: 'r1',
    deviceId,
    reason: 'not-paired',
    host: '127.0.0.1:18789',
    remoteAddr: '127.0.0.1',
    ...meta,
  };
  return JSON.stringify({ 0: '{"subsystem":"gateway/ws"}', 1: full, 2: text, _meta: { date } });
}

const said = (text: string, date = '2026-11-24T10:00:30.000Z') =>
  JSON.stringify({ 0: '{"subsystem":"gateway"}', 1: text, _meta: { date } });

const UPGRADE = `security audit: device access upgrade requested reason=scope-upgrade device=${deviceId} ip=unknown-ip auth=token roleFrom=operator roleTo=operator scopesFrom=operator.read scopesTo=operator.read,operator.write client=cli conn=c1`;

describe('a line', () => {
  test.each([
    ['no JSON', 'pairing required'],
    ['of something else', said('gateway ready')],
    ['that only speaks of pairing', said('pairing is a fine thing')],
    ['with what a client made up', said(`hello device pairing approved device=${deviceId}`)],
    ['that is a list', '["pairing-required"]'],
  ])('%s tells nothing', (_, line) => {
    expect(parseGatewayLog(line)).toBeUndefined();
  });

  test('a refusal', () => {
    expect(parseGatewayLog(refusal())).toMatchObject({
      what: 'refusal',
      requestId: 'r1',
      conn: 'c1',
      peer: '127.0.0.1',
      reason: 'not-paired',
    });
    const old = parseGatewayLog(
      refusal(
        { remoteAddr: undefined },
        'closed before connect conn=c2 remote=192.168.1.9 fwd=n/a',
      ),
    );
    expect(old).toMatchObject({ conn: 'c2', peer: '192.168.1.9' });
  });

  test('approvals and upgrades', () => {
    expect(
      parseGatewayLog(said(`device pairing approved device=${deviceId} role=node`)),
    ).toMatchObject({ what: 'approval', deviceId, role: 'node' });
    expect(parseGatewayLog(said(`device pairing auto-approved device=${deviceId}`))).toMatchObject({
      what: 'approval',
      role: undefined,
    });
    expect(parseGatewayLog(said(UPGRADE))).toEqual({
      what: 'upgrade',
      conn: 'c1',
      deviceId,
      authMethod: 'token',
      clientId: 'cli',
      role: 'operator',
      scopes: ['operator.read', 'operator.write'],
    });
    const none = UPGRADE.replace('operator.read,operator.write', '<none>');
    expect(parseGatewayLog(said(none))).toMatchObject({ scopes: undefined });
  });
});

describe('loopback', () => {
  test.each([
    [true, {}, '2026.9.6'],
    [true, { host: 'localhost' }, '2026.9.6'],
    [true, { remoteAddr: '::1', host: '[::1]:18789' }, '2026.9.6'],
    [true, { remoteAddr: '::ffff:127.0.0.1' }, '2026.9.6'],
    [false, {}, '2026.8.1'],
    [false, {}, undefined],
    [false, { forwardedFor: '127.0.0.1' }, '2026.9.6'],
    [false, { host: 'gateway.example' }, '2026.9.6'],
    [false, { host: undefined }, '2026.9.6'],
    [false, { remoteAddr: '192.168.1.9' }, '2026.9.6'],
    [false, { remoteAddr: '127.0.0.1.example' }, '2026.9.6'],
  ])('%s: %j on %s', (expected, meta, version) => {
    expect(showsLoopback(parseGatewayLog(refusal(meta)) as LoggedRefusal, version)).toBe(expected);
  });
});

function logFile(text?: string) {
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'gateway.jsonl');
  if (text !== undefined) writeFileSync(path, text);
  return path;
}

describe('a log that grows', () => {
  const follow = (path: string) => {
    const heard: unknown[] = [];
    const follower = followGatewayLog(path, (pairing) => {
      if (pairing.what === 'refusal') heard.push(pairing.requestId);
    });
    onTestFinished(() => follower.close());
    return { heard, follower };
  };

  test('is heard from its end on, in whole lines', async () => {
    const path = logFile(`${refusal({ requestId: 'old' })}\n`);
    const { heard, follower } = follow(path);
    await follower.begun;
    const line = refusal({ requestId: 'new' });
    // Whoever has heard the first has read the half of the second with it.
    appendFileSync(path, `${refusal({ requestId: 'first' })}\n${line.slice(0, 50)}`);
    await waitUntil(() => heard.includes('first'));
    appendFileSync(path, `${line.slice(50)}\n`);
    await waitUntil(() => heard.length > 1);
    expect(heard).toEqual(['first', 'new']);
  });

  test('one that comes later, or is replaced, is heard from its start', async () => {
    const path = logFile();
    const { heard, follower } = follow(path);
    await follower.begun;
    writeFileSync(path, `${refusal({ requestId: 'first' })}\n`);
    await waitUntil(() => heard.includes('first'));
    writeFileSync(`${path}.new`, `${refusal({ requestId: 'second' })}\n`);
    renameSync(`${path}.new`, path);
    await waitUntil(() => heard.includes('second'));
    expect(heard).toEqual(['first', 'second']);
  });
});

async function* linesOf(...lines: string[]) {
  yield* lines;
}

describe('a log as a recording', () => {
  test('what it does not hold is left out', async () => {
    const [connect] = await readLoggedConnects(linesOf(refusal()), {
      gatewayVersion: '2026.9.6',
      gatewayName: 'home',
    });
    expect(connect?.record).toEqual({
      ts: '2026-11-24T10:00:00.000Z',
      requestId: 'r1',
      deviceId,
      remoteIp: '127.0.0.1',
      forwarded: false,
      gateway: 'home',
      gatewayVersion: '2026.9.6',
    });
    expect(connect?.outcome).toBeUndefined();
  });

  test('an upgrade says what is asked, and an approval what became of it', async () => {
    const [connect] = await readLoggedConnects(
      linesOf(
        refusal({ reason: 'scope-upgrade' }),
        said(UPGRADE),
        said(`device pairing approved device=${deviceId} role=operator`),
      ),
    );
    expect(connect?.record).toMatchObject({
      kind: 'scope-upgrade',
      role: 'operator',
      scopes: ['operator.read', 'operator.write'],
    });
    expect(connect?.outcome).toBe('approve');
  });

  test.each([
    [{ remoteIp: '192.168.1.9', forwarded: false }, { remoteAddr: '192.168.1.9' }, '2026.9.6'],
    [{ remoteIp: '192.168.1.9' }, { remoteAddr: '192.168.1.9' }, '2026.2.19'],
    [{}, { remoteAddr: '192.168.1.9', forwardedFor: '10.0.0.1' }, '2026.9.6'],
    [{}, {}, '2026.2.19'],
  ])('the address %j of %j on %s', async (expected, meta, gatewayVersion) => {
    const [connect] = await readLoggedConnects(linesOf(refusal(meta)), { gatewayVersion });
    const { remoteIp, forwarded } = connect?.record ?? {};
    expect({
      ...(remoteIp !== undefined && { remoteIp }),
      ...(forwarded !== undefined && { forwarded }),
    }).toEqual(expected);
  });

  test('an approval long after, or of another device, is of something else', async () => {
    const late = said(`device pairing approved device=${deviceId}`, '2026-11-24T10:06:00.000Z');
    const other = said(`device pairing approved device=${deviceNo(2).deviceId}`);
    const [connect] = await readLoggedConnects(linesOf(refusal(), late, other));
    expect(connect?.outcome).toBeUndefined();
  });

  test('record --from-log writes it, to a file or to standard output', async () => {
    const path = logFile(`${refusal()}\nnonsense\n${refusal({ requestId: 'r2' })}`);
    const out = await runCommand(['record', '--from-log', path]);
    expect(out.code).toBe(0);
    expect(
      out.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).requestId),
    ).toEqual(['r1', 'r2']);
    const file = `${path}.recording`;
    expect((await runCommand(['record', '--from-log', path, '-o', file])).stderr).toContain(
      '2 connects found',
    );
    expect((await runCommand(['simulate', file, '--policy', 'policies'])).code).toBe(0);
  });

  test.each([
    [['record'], /not said what to record/],
    [['record', '--gateway', 'ws://127.0.0.1:1'], /no file is named/],
    [['record', '--from-log', '/nowhere/log'], /nowhere/],
    [['record', '--from-log', tmpdir()], /EISDIR/],
    [['record', '--from-log', 'x', '--max-size', '0'], /MiB/],
  ])('%j is refused', async (args, message) => {
    const { code, stderr } = await runCommand(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
