/** Telling others: a real command, a real web service, each request once. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Notifier } from '../../src/cli/serve/notify.js';
import { waitUntil } from './wait-until.js';

const notice = (requestId: string) => ({
  requestId,
  record: { displayName: '$(touch /tmp/never); "x"' },
  decision: { action: 'hold' },
});

function folder() {
  const made = mkdtempSync(join(tmpdir(), 'pair-policy-notify-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('a command reads each notice once, as a line of JSON', async () => {
  const path = join(folder(), 'told');
  const failures: string[] = [];
  const notifier = new Notifier(`cat >> '${path}'`, (message) => failures.push(message));
  notifier.tell(notice('r1'));
  notifier.tell(notice('r1'));
  notifier.tell(notice('r2'));
  const lines = () => {
    try {
      return readFileSync(path, 'utf8').split('\n').filter(Boolean);
    } catch {
      return [];
    }
  };
  await waitUntil(() => lines().length === 2);
  expect(
    lines()
      .map((line) => JSON.parse(line))
      .sort((a, b) => (a.requestId < b.requestId ? -1 : 1)),
  ).toEqual([notice('r1'), notice('r2')]);
  expect(failures).toEqual([]);
});

test.each([
  ['exit 3', 'exit code 3'],
  ['kill -TERM $$', 'ended by SIGTERM'],
])('a command that fails is told: %s', async (command, expected) => {
  const failures: string[] = [];
  const notifier = new Notifier(command, (message) => failures.push(message));
  notifier.tell(notice('r1'));
  await waitUntil(() => failures.length > 0);
  expect(failures[0]).toContain(expected);
});

test('a web service is posted to; what it answers badly is told', async () => {
  const bodies: unknown[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
    if (request.url === '/moved') response.writeHead(302, { location: '/other' });
    else response.writeHead(request.url === '/bad' ? 500 : 204);
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const failures: string[] = [];
  for (const path of ['', 'bad', 'moved']) {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`;
    new Notifier(url, (message) => failures.push(message)).tell(notice('r1'));
  }
  await waitUntil(() => failures.length === 2 && bodies.length === 3);
  expect(bodies).toEqual([notice('r1'), notice('r1'), notice('r1')]);
  expect(failures.some((message) => message.endsWith('it answered 500'))).toBe(true);
});

test('what is too slow is told, and loses notices', async () => {
  const failures: string[] = [];
  const notifier = new Notifier('sleep 1', (message) => failures.push(message));
  for (let i = 0; i < 1010; i += 1) notifier.tell(notice(`r${i}`));
  expect(failures.filter((message) => message.includes('too slow'))).toHaveLength(6);
});
