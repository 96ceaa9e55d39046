import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildPolicy, LimitLedger, type LoadedPolicy, readLimits } from '../../src/engine/index.js';
import type { DecisionLogEntry } from '../../src/live/index.js';
import { openDecisionLog } from '../../src/live/index.js';
import { adaptRecord, type RawRecord, Simulation } from '../../src/simulate/index.js';
import { parseLine } from '../../src/simulate/parse-line.js';
import { runCommand } from '../cli/run-command.js';
import { buildPlain, loadablePolicies } from '../engine/plain-policies.js';
import { contexts, records } from '../reference/arbitraries.js';
import { decideLive, freshFolder } from './log-entries.js';

const TEXT = `
version: 1
networks: { office: [192.168.1.0/24] }
rules:
  - id: first-nodes
    action: approve
    when: { from: "@office", role: node, scopes: { within: [] } }
    limit: { max: 2, per: 1h }
  - id: more-nodes
    action: approve
    when: { from: "@office", role: node, scopes: { within: [] } }
    limit: { max: 1, per: 1d, by: remoteIp }
  - id: own
    action: approve
    when: { from: [loopback, own-tailnet], role: operator, scopes: { within: [operator.read] } }
  - id: at-night
    action: hold
    when: { time: { between: "22:00-06:00" } }
  - id: lost
    action: deny
    when: { displayName: lost }
`;

const NOON = Date.UTC(2026, 10, 30, 12);
const NIGHT = Date.UTC(2026, 10, 30, 23);
const node = (n: number, more: RawRecord = {}): RawRecord => ({
  deviceId: n.toString(16).padStart(64, '0'),
  remoteIp: '192.168.1.20',
  forwarded: false,
  role: 'node',
  scopes: [],
  kind: 'new-device',
  displayName: `node ${n}`,
  ...more,
});
const operator = { role: 'operator', scopes: ['operator.read'], forwarded: false };

/** What is decided one after the other, with what it must come to. */
const CONNECTS: readonly [string, RawRecord, { now: number; blocked?: boolean }, string][] = [
  ['a limit with room', node(1), { now: NOON }, 'approve first-nodes rule'],
  ['the same ask once more', node(1), { now: NOON + 1 }, 'approve first-nodes rule'],
  ['a second device', node(2), { now: NOON + 2 }, 'approve first-nodes rule'],
  [
    'a limit that is spent, another has room',
    node(3),
    { now: NOON + 3 },
    'approve more-nodes rule',
  ],
  ['all limits spent', node(4), { now: NOON + 4 }, 'hold first-nodes limit'],
  ['room again after the window', node(5), { now: NOON + 3_700_000 }, 'approve first-nodes rule'],
  [
    'another value of `by`',
    node(6, { remoteIp: '192.168.1.21' }),
    { now: NOON + 3_700_001 },
    'approve first-nodes rule',
  ],
  [
    'an own address',
    { ...node(7), ...operator, remoteIp: '100.64.0.9' },
    { now: NOON },
    'approve own rule',
  ],
  [
    'an unknown address',
    { ...node(8), ...operator, remoteIp: undefined },
    { now: NOON },
    'hold null unknown-fact',
  ],
  [
    'a malformed address',
    { ...node(9), ...operator, remoteIp: '1.2.3.4:80' },
    { now: NOON },
    'hold null unknown-fact',
  ],
  ['an unknown name', node(10, { displayName: null }), { now: NOON }, 'hold null unknown-fact'],
  ['by night', node(11), { now: NIGHT }, 'hold at-night rule'],
  ['a device that is blocked', node(12), { now: NOON, blocked: true }, 'deny (blocked) rule'],
  ['a device that is lost', node(13, { displayName: 'lost' }), { now: NOON }, 'deny lost rule'],
  ['one that is paired', node(14, { kind: 'reconnect' }), { now: NOON }, 'approve (paired) rule'],
  [
    'names with ends of lines',
    node(15, { displayName: 'a\u2028b\nc' }),
    { now: NIGHT },
    'hold at-night rule',
  ],
];

/** Decides, acts on each approval, and logs it. */
async function logAll(file: string, policy: LoadedPolicy): Promise<DecisionLogEntry[]> {
  const log = await openDecisionLog(file);
  const ledger = new LimitLedger();
  const entries = CONNECTS.map(([, record, moment]) => {
    const entry = decideLive(policy, record, { ...moment, ownAddresses: ['100.64.0.9'] }, ledger);
    const { charge } = entry.decision;
    const limit = policy.document.rules.find(({ id }) => id === charge?.rule)?.limit;
    if (charge && limit) ledger.charge(charge, limit);
    log.decided(entry);
    return entry;
  });
  await log.close();
  expect(log.dropped).toBe(0);
  return entries;
}

/** The connects of a file as a replay reads them. */
function connectsOf(file: string) {
  return readFileSync(file)
    .toString('latin1')
    .split('\n')
    .slice(0, -1)
    .map((line, at) => {
      const bytes = Buffer.from(line, 'latin1');
      const { connect, problems } = parseLine(file, { line: at + 1, bytes, ended: true });
      expect(problems).toEqual([]);
      if (!connect) throw new Error(`line ${at + 1} is no connect`);
      return connect;
    });
}

describe('a line of the log', () => {
  const policy = buildPolicy([{ path: 'p.yaml', text: TEXT, kind: 'policy' }]);

  it('replays to the same decision, bit for bit, each line by itself', async () => {
    const file = join(freshFolder(), 'decisions.jsonl');
    const entries = await logAll(file, policy);
    const decided = entries.map(({ decision: { action, rule, cause } }, at) => [
      CONNECTS[at]?.[0],
      `${action} ${rule} ${cause}`,
    ]);
    expect(decided).toEqual(CONNECTS.map(([name, , , expected]) => [name, expected]));
    for (const [at, connect] of connectsOf(file).entries()) {
      // A simulation of its own: nothing may come from the lines before.
      const simulation = new Simulation(policy.compiled, { inDetail: false });
      const { decision } = simulation.replay(connect);
      const { generation: _, at: __, ...live } = entries[at]?.decision ?? expect.fail();
      expect(decision).toEqual(live);
      expect(connect.outcome).toBe(live.action);
    }
  });

  it('replays with the command to no change at all', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'policy.yaml'), TEXT);
    await logAll(join(folder, 'decisions.jsonl'), policy);
    const args = [
      'simulate',
      join(folder, 'decisions.jsonl'),
      '--policy',
      join(folder, 'policy.yaml'),
    ];
    const { code, stdout, stderr } = await runCommand([...args, '--json', '--strict']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const count = CONNECTS.length;
    expect(JSON.parse(stdout)).toMatchObject({
      connects: count,
      outcomes: { compared: count, changed: 0, ruleChanges: [] },
    });
  });

  it('says that limits could not be told', async () => {
    const file = join(freshFolder(), 'decisions.jsonl');
    const log = await openDecisionLog(file);
    const moment = { now: NOON, ownAddresses: [] };
    const entry = decideLive(policy, node(1), moment, { approvals: () => undefined });
    expect(entry.decision).toMatchObject({ action: 'hold', cause: 'limit' });
    log.decided(entry);
    await log.close();
    const [connect] = connectsOf(file);
    expect(connect?.record['context']).toEqual({ ...moment, limits: null });
    const simulation = new Simulation(policy.compiled, { inDetail: true });
    const { generation: _, at: __, ...live } = entry.decision;
    expect(connect && simulation.replay(connect).decision).toEqual(live);
  });

  it('does not tell what other devices asked for', async () => {
    const file = join(freshFolder(), 'decisions.jsonl');
    await logAll(file, policy);
    const spent = readFileSync(file, 'utf8').split('\n')[4] ?? '';
    expect(spent).toContain('"first-nodes":{"":[{"at"');
    expect(spent).not.toContain(node(1)['deviceId']);
  });
});

const NOW = Date.UTC(2026, 11, 1, 9);

it('whatever the policy and the record, the line replays to the decision', async () => {
  const file = join(freshFolder(), 'decisions.jsonl');
  const pairs = fc.sample(
    fc.tuple(
      loadablePolicies(),
      fc.array(fc.tuple(records(), contexts()), { minLength: 8, maxLength: 8 }),
    ),
    { seed: 20_261_201, numRuns: 150 },
  );
  const log = await openDecisionLog(file);
  const expected: { policy: LoadedPolicy; entry: DecisionLogEntry }[] = [];
  for (const [plain, connects] of pairs) {
    const policy = buildPlain(plain);
    for (const [record, context] of connects) {
      // As the gateway's adapter has it; what does not fit together is never decided.
      if (typeof record !== 'object' || record === null) continue;
      const adapted = adaptRecord(record as RawRecord);
      if ('fault' in adapted) continue;
      const { ownAddresses, limits } = context;
      const now = Number.isFinite(context.now) ? Number(context.now) : NOW;
      const moment = { now, ...(ownAddresses && { ownAddresses }) };
      const entry = decideLive(policy, adapted.record, moment, readLimits(limits));
      expected.push({ policy, entry });
      log.decided(entry);
    }
  }
  await log.close();
  const connects = connectsOf(file);
  expect(connects.length).toBe(expected.length);
  expect(connects.length).toBeGreaterThan(400);
  for (const [at, { policy, entry }] of expected.entries()) {
    const connect = connects[at] ?? expect.fail();
    const simulation = new Simulation(policy.compiled, { inDetail: at % 2 === 0 });
    const { generation: _, at: __, ...live } = entry.decision;
    expect(simulation.replay(connect).decision).toEqual(live);
  }
});
