import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  openDecisionLog,
  openLimitFile,
  type PairingHookOptions,
  type StatusServerOptions,
  startStatusServer,
} from '../../src/live/index.js';
import type { Decision } from '../../src/model/index.js';
import { freshFolder, heldEntry } from './log-entries.js';
import { operatorNo, policyOf, RULES, setUp, until } from './set-up.js';
import { livePolicy, pairingStore } from './status-parts.js';

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

function ask(
  url: string,
  given: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...given, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function start(options: Partial<StatusServerOptions> = {}) {
  const server = await startStatusServer({ port: 0, ...options });
  onTestFinished(() => server.close());
  return server;
}

const PROBLEM = {
  file: 'p.yaml',
  line: 1,
  column: 2,
  endLine: 1,
  endColumn: 2,
  code: 'UNKNOWN_KEY',
  severity: 'error',
  message: 'no such key',
  hint: '',
};

const decision = (rule: string | null): Decision => ({
  action: 'hold',
  rule,
  cause: 'rule',
  reason: '',
  missing: [],
  revision: 'r',
});

describe('metrics', () => {
  it('tell how each part fares, in the format of Prometheus', async () => {
    const { policy, current } = livePolicy();
    const folder = freshFolder();
    const log = await openDecisionLog(join(folder, 'decisions.jsonl'));
    log.decided(heldEntry({}));
    await log.close();
    log.decided(heldEntry({}));
    const server = await start({ policy, store: pairingStore().store, log, waiting: () => 4 });
    server.meter.count(decision('night'), 3);
    server.meter.count(decision('night'));
    server.meter.count(decision(null), 0.02);
    const { status, headers, body } = await ask(`${server.url}/metrics`);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const values = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(values).toEqual(
      expect.arrayContaining([
        'pair_policy_decisions_total{action="hold",cause="rule",rule="night"} 2',
        'pair_policy_decisions_total{action="hold",cause="rule",rule="(none)"} 1',
        'pair_policy_decision_seconds_bucket{le="0.00005"} 1',
        'pair_policy_decision_seconds_count 2',
        'pair_policy_waiting 4',
        'pair_policy_devices{state="pending"} 2',
        'pair_policy_devices{state="paired"} 3',
        'pair_policy_devices{state="blocked"} 1',
        `pair_policy_policy_info{revision="${current.revision}"} 1`,
        'pair_policy_policy_generation 3',
        'pair_policy_policy_rules 0',
        'pair_policy_policy_reloads_total{outcome="reloaded"} 2',
        'pair_policy_policy_reloads_total{outcome="unchanged"} 0',
        'pair_policy_policy_reload_timestamp_seconds{outcome="reloaded"} 5',
        'pair_policy_log_lines_total 1',
        'pair_policy_log_dropped_total 1',
        'pair_policy_healthy{part="log"} 1',
        'pair_policy_healthy{part="policy"} 1',
      ]),
    );
    // The second time the same, not twice as much.
    expect((await ask(`${server.url}/metrics`)).body).toBe(body);
  });

  it('are fed by the hook, and the waiting of a held one is no part of it', async () => {
    const server = await start();
    const took: (number | undefined)[] = [];
    const meter: PairingHookOptions['meter'] = {
      count(decision, tookMs) {
        took.push(tookMs);
        server.meter.count(decision, tookMs);
      },
    };
    const { hook, store } = setUp(policyOf(RULES.holdAdmin), { meter, holdMs: 60_000 });
    const begun = performance.now();
    const answer = hook.onConnect(operatorNo(1));
    await until(() => took.length === 1);
    const heldMs = performance.now() - begun;
    // What it waits for is not to count, so there must be some.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const approvedAt = performance.now();
    for (const request of store.allPending()) await store.approve(request);
    expect((await answer).admitted).toBe(true);
    const [first, second, ...others] = took;
    expect(others).toEqual([]);
    expect(first).toBeLessThanOrEqual(heldMs);
    expect(second).toBeLessThanOrEqual(performance.now() - approvedAt);
    const { body } = await ask(`${server.url}/metrics`);
    expect(body).toContain('pair_policy_decision_seconds_count 2');
    expect(body).toMatch(/pair_policy_decisions_total\{action="approve",.*rule="\(paired\)"\} 1/);
  });

  it('have no more series than a bound, and rules with any name', async () => {
    const server = await start();
    for (let at = 0; at < 1500; at += 1) server.meter.count(decision(`rule-${at}`));
    server.meter.count(decision('rule-7'));
    const { body } = await ask(`${server.url}/metrics`);
    const series = body
      .split('\n')
      .filter((line) => line.startsWith('pair_policy_decisions_total{'));
    expect(series).toHaveLength(1001);
    expect(series).toContain(
      'pair_policy_decisions_total{action="hold",cause="rule",rule="(other)"} 500',
    );
    expect(series).toContain(
      'pair_policy_decisions_total{action="hold",cause="rule",rule="rule-7"} 2',
    );
  });
});

describe('health', () => {
  it('is well where nothing is wrong', async () => {
    const limits = await openLimitFile(join(freshFolder(), 'limits.json'));
    const server = await start({
      policy: livePolicy().policy,
      store: pairingStore().store,
      limits,
    });
    const { status, headers, body } = await ask(`${server.url}/healthz`);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    const well = { ok: true, problems: [] };
    expect(JSON.parse(body)).toEqual({
      ok: true,
      parts: { policy: well, store: well, limits: well },
    });
  });

  it.each([
    ['rejected', { problems: [PROBLEM], sources: new Map() }, 'reloaded', {}],
    ['rejected', { problems: [PROBLEM], sources: new Map() }, 'unchanged', {}],
  ])('a policy that was %s is not, until it is %s', async (bad, event, good, next) => {
    const { policy, events } = livePolicy();
    const server = await start({ policy });
    events.emit(bad, event);
    const { status, body } = await ask(`${server.url}/healthz`);
    expect(status).toBe(503);
    expect(JSON.parse(body)).toEqual({
      ok: false,
      parts: { policy: { ok: false, problems: ['p.yaml:1:2: no such key [UNKNOWN_KEY]'] } },
    });
    expect((await ask(`${server.url}/metrics`)).body).toContain(
      'pair_policy_healthy{part="policy"} 0',
    );
    events.emit(good, next);
    expect((await ask(`${server.url}/healthz`)).status).toBe(200);
  });

  it('knows that the policy was rejected before it began', async () => {
    const server = await start({ policy: livePolicy(6_000).policy });
    expect((await ask(`${server.url}/healthz`)).status).toBe(503);
  });

  it.each([
    ['changed', { deviceIds: 'all' }],
    ['problem', []],
  ])('a store with a problem is not, until %s', async (event, value) => {
    const { store, events } = pairingStore();
    const server = await start({ store });
    events.emit('problem', [PROBLEM]);
    expect((await ask(`${server.url}/healthz`)).status).toBe(503);
    events.emit(event, value);
    expect((await ask(`${server.url}/healthz`)).status).toBe(200);
  });

  it.skipIf(process.platform !== 'linux')('a log that cannot be written is not', async () => {
    const log = await openDecisionLog('/dev/full');
    const server = await start({ log });
    log.decided(heldEntry({}));
    await log.flush();
    const { status, body } = await ask(`${server.url}/healthz`);
    expect([status, body]).toEqual([503, expect.stringContaining('ENOSPC')]);
    await log.close();
  });

  it('follows nobody any more when it is closed', async () => {
    const { policy, events } = livePolicy();
    const kept = pairingStore();
    const server = await startStatusServer({ port: 0, policy, store: kept.store });
    expect(events.count() + kept.events.count()).toBe(5);
    await server.close();
    expect(events.count() + kept.events.count()).toBe(0);
    await expect(ask(`${server.url}/healthz`)).rejects.toThrow('ECONNREFUSED');
  });

  it('a part that cannot be asked says nothing to strangers', async () => {
    const waiting = () => {
      throw new Error('hunter2');
    };
    const server = await start({ waiting });
    expect(await ask(`${server.url}/metrics`)).toMatchObject({ status: 500, body: '' });
    expect((await ask(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe('who is answered', () => {
  it.each([
    ['127.0.0.1', 200],
    ['127.0.0.1:1234', 200],
    ['localhost', 200],
    ['LOCALHOST:80', 200],
    ['[::1]:80', 200],
    ['192.168.1.2:9000', 200],
    ['monitor.test', 200],
    ['evil.test', 421],
    ['localhost.evil.test', 421],
    ['127.0.0.1.evil.test:80', 421],
    ['2130706433', 421],
    ['[localhost]', 421],
    ['-', 421],
  ])('asked as `%s`: %i', async (host, status) => {
    const server = await start({ allowedHosts: ['Monitor.test'] });
    expect((await ask(`${server.url}/healthz`, { headers: { host } })).status).toBe(status);
  });

  it.each([
    ['GET', '/', 404],
    ['GET', '/metrics/', 404],
    ['GET', '//metrics', 404],
    ['GET', '/healthz?verbose=1', 200],
    ['HEAD', '/metrics', 200],
    ['POST', '/metrics', 405],
    ['OPTIONS', '/metrics', 405],
    ['DELETE', '/healthz', 405],
  ])('%s %s: %i', async (method, path, status) => {
    const server = await start();
    const headers = { origin: 'https://evil.test' };
    const answer = await ask(server.url + path, { method, headers });
    expect(answer.status).toBe(status);
    // No page of another origin may read it.
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual(
      [],
    );
    if (method === 'HEAD') expect(answer.body).toBe('');
  });

  it.each(['0.0.0.0', '::', '192.168.1.2', 'example.test', ''])(
    'does not listen on `%s` unless that is said',
    async (host) => {
      await expect(startStatusServer({ port: 0, host })).rejects.toMatchObject({
        problems: [{ code: 'ARGUMENT' }],
      });
    },
  );

  it('listens where it is told to, when that is said', async () => {
    const server = await start({ host: '0.0.0.0', exposed: true });
    const { port } = new URL(server.url);
    expect((await ask(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });

  it('says when the port is taken', async () => {
    const server = await start();
    const port = Number(new URL(server.url).port);
    await expect(startStatusServer({ port })).rejects.toThrow('EADDRINUSE');
  });
});
