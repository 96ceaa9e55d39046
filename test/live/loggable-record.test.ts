import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDecisionLog } from '../../src/live/index.js';
import { toLoggable } from '../../src/live/loggable-record.js';
import { normaliseRecord } from '../../src/model/index.js';
import { freshFolder, heldEntry, loggedLines } from './log-entries.js';

const SECRET = 'hunter2-hunter2';

/** Where clients and gateways put secrets, and where somebody may. */
const WITH_SECRETS: readonly [string, Record<string, unknown>][] = [
  ['a token', { token: SECRET }],
  [
    'tokens by role, as the pairing store has them',
    { tokens: { node: { token: SECRET, role: 'node' } } },
  ],
  ['a list of tokens', { approvedTokens: [SECRET] }],
  [
    'the auth of a connect',
    { auth: { token: SECRET, password: SECRET, bootstrapToken: SECRET, x: SECRET } },
  ],
  ['auth that is a text', { auth: SECRET }],
  ['a password in depth', { params: { a: { b: [{ Password: SECRET }] } } }],
  ['the signature of the device', { device: { id: 'x', signature: SECRET, nonce: SECRET } }],
  [
    'other spellings',
    { ACCESS_TOKEN: SECRET, 'api-key': SECRET, clientSecret: SECRET, privateKeyPem: SECRET },
  ],
  ['headers', { headers: { Authorization: SECRET, cookie: SECRET } }],
  ['a query', { url: `https://gateway.test/?token=${SECRET}` }],
  ['a login in a URL', { origin: `https://me:${SECRET}@gateway.test/` }],
  ['a bearer header as a text', { header: `Bearer ${SECRET}` }],
  ['text that is JSON', { raw: `{"token":"${SECRET}"}` }],
  ['a fact of the wrong form', { displayName: { token: SECRET }, scopes: [{ secret: SECRET }] }],
  ['a fact that is a text of the wrong form', { remoteIp: `https://x/?token=${SECRET}` }],
  ['context of the client', { context: { token: SECRET }, expect: SECRET, outcome: SECRET }],
];

describe('no secret is written', () => {
  it.each(WITH_SECRETS)('%s', async (_, fields) => {
    const folder = freshFolder();
    const log = await openDecisionLog(join(folder, 'decisions.jsonl'));
    log.decided(heldEntry({ displayName: 'kept', ...fields }));
    await log.close();
    const text = readFileSync(join(folder, 'decisions.jsonl'), 'utf8');
    expect(text).toContain('"decision"');
    expect(text).not.toContain('hunter2');
  });

  it('facts whose names sound like one are kept', () => {
    const record = { authMethod: 'token', authUser: 'me', publicKey: `${'A'.repeat(42)}A` };
    expect(toLoggable(record)).toEqual({ facts: record, other: {}, cut: [] });
  });
});

it.each(['context', 'expect', 'outcome'])('a client has no say in `%s`', async (field) => {
  const folder = freshFolder();
  const log = await openDecisionLog(join(folder, 'decisions.jsonl'));
  log.decided(heldEntry({ [field]: 'approve', decision: 'mine', answered: 'mine', level: 7 }));
  await log.close();
  const [line] = loggedLines(folder);
  expect(line).toMatchObject({
    context: { now: 1_000 },
    outcome: 'hold',
    decision: { action: 'hold' },
    answered: 'refused',
    other: { decision: 'mine', answered: 'mine', level: 7 },
  });
  expect(line).not.toHaveProperty('expect');
});

const circular: Record<string, unknown> = {};
circular['self'] = circular;

/** Records that are none, or that only a hostile caller makes. */
const HOSTILE: readonly [string, unknown][] = [
  ['nothing', undefined],
  ['a list', [1]],
  ['an instance', new Map([['role', 'node']])],
  [
    'a getter that throws',
    Object.defineProperty({}, 'role', { enumerable: true, get: () => JSON.parse('') }),
  ],
  ['a proxy that was revoked', revoked()],
  ['a circle', { role: 'node', more: circular, displayName: circular }],
  [
    'a list with a `toJSON`',
    { scopes: Object.assign(['operator.read'], { toJSON: () => ['operator.admin'] }) },
  ],
  [
    'functions, symbols, big numbers',
    { a: () => 1, b: Symbol('b'), c: 1n, ts: 1n, displayName: 7n },
  ],
  ['holes', { scopes: Object.assign(new Array(2), { 1: 'operator.read' }) }],
  ['numbers that JSON has not', { ts: Number.NaN, a: Infinity }],
  ['`__proto__`', JSON.parse('{"__proto__":{"role":"node"},"role":"operator"}')],
  ['half a character', { displayName: '\ud800', other: '\udfff' }],
  ['ends of lines', { displayName: 'a\nb\u2028c\rd' }],
  ['white space in a scope', { scopes: ['operator .admin'], role: ' node ' }],
  ['absent and null', { clientId: undefined, platform: null, isRepair: false }],
  ['more members than count', { scopes: Array.from({ length: 5000 }, () => 'operator.read') }],
];

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('the facts of what is written are those of the record', () => {
  it.each(HOSTILE)('%s', async (_, record) => {
    const folder = freshFolder();
    const log = await openDecisionLog(join(folder, 'decisions.jsonl'));
    log.decided({ ...heldEntry({}), record: record as Record<string, unknown> });
    await log.close();
    expect(log.dropped).toBe(0);
    const [line] = loggedLines(folder);
    expect(normaliseRecord(line)).toEqual(normaliseRecord(record));
    expect(line).toMatchObject({ outcome: 'hold' });
  });
});

describe('a line is never longer than a replay reads', () => {
  const long = (count: number, length: number) =>
    Array.from({ length: count }, (_, at) => `operator.${at}.${'x'.repeat(length)}`);

  it.each([
    ['a list', { scopes: long(4000, 1000) }, ['scopes']],
    [
      'many texts',
      Object.fromEntries(
        ['clientId', 'platform', 'displayName'].map((name) => [name, '\u0001'.repeat(60_000)]),
      ),
      ['clientId'],
    ],
    [
      'fields that are no facts',
      { a: 'x'.repeat(2_000_000), b: long(1000, 1000), c: 1 },
      undefined,
    ],
  ])('%s', async (_, record, cut) => {
    const folder = freshFolder();
    const log = await openDecisionLog(join(folder, 'decisions.jsonl'));
    log.decided(heldEntry({ role: 'node', ...record }));
    await log.close();
    expect(statSync(join(folder, 'decisions.jsonl')).size).toBeLessThanOrEqual(1024 * 1024);
    const [line] = loggedLines(folder);
    expect(line).toMatchObject({ role: 'node', decision: { action: 'hold' } });
    expect(line?.['cut']).toEqual(cut);
    // What cannot be replayed does not claim to be.
    expect(line?.['outcome']).toBe(cut ? undefined : 'hold');
  });

  it('more approvals than a line can hold are left out', async () => {
    const folder = freshFolder();
    const log = await openDecisionLog(join(folder, 'decisions.jsonl'));
    const approvals = Array.from({ length: 9000 }, (_, at) => ({ at, ask: null }));
    const entry = heldEntry({});
    log.decided({ ...entry, context: { ...entry.context, limits: { r: { '': approvals } } } });
    await log.close();
    const [line] = loggedLines(folder);
    expect(line).toMatchObject({ cut: ['limits'], context: { now: 1000 } });
    expect(line).not.toHaveProperty('outcome');
  });

  it('what still is too long leaves a line that says what was decided', async () => {
    const folder = freshFolder();
    const log = await openDecisionLog(join(folder, 'decisions.jsonl'));
    const entry = heldEntry({ deviceId: 'a'.repeat(64) });
    const decision = {
      ...entry.decision,
      charge: { rule: 'r', key: '', at: 1, ask: 'x'.repeat(2_000_000) },
    };
    log.decided({ ...entry, decision });
    log.decided(entry);
    await log.close();
    const [short, next] = loggedLines(folder);
    expect(short).toMatchObject({
      deviceId: 'a'.repeat(64),
      cut: ['record', 'limits'],
      decision: { action: 'hold' },
    });
    expect(short).not.toHaveProperty('outcome');
    expect(next).toHaveProperty('outcome');
    expect([log.written, log.dropped]).toEqual([2, 0]);
  });
});
