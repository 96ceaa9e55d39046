import { describe, expect, it } from 'vitest';
import { buildPolicy } from '../../src/engine/index.js';
import type { Action } from '../../src/model/index.js';
import { type RawRecord, Simulation, type SimulationReport } from '../../src/simulate/index.js';

const RULES = {
  nodes: `
  - id: nodes
    action: approve
    when: { from: private, role: node, scopes: { within: [] } }
    limit: { max: 2, per: 1h }`,
  admins: `
  - id: admins
    action: hold
    when: { scopes: { any: [operator.admin] } }`,
  lost: `
  - id: lost
    action: deny
    when: { displayName: lost }`,
  local: `
  - id: local
    action: approve
    when: { from: loopback, role: operator, scopes: any-scopes }`,
  expired: `
  - id: expired
    action: deny
    when: { displayName: never }
    expires: 2020-01-01T00:00:00Z`,
};

function compile(...names: (keyof typeof RULES)[]) {
  const text = `version: 1\nrules: ${names.length === 0 ? '[]' : names.map((name) => RULES[name]).join('')}\n`;
  return buildPolicy([{ path: 'p.yaml', text, kind: 'policy' }]).compiled;
}

interface Line extends RawRecord {
  readonly expect?: Action;
  readonly outcome?: Action;
}

const MINUTE = 60_000;

/** A node in a private network that asks for the first time. */
function node(minute: number, more: Line = {}): Line {
  return {
    ts: minute * MINUTE,
    remoteIp: '10.0.0.7',
    role: 'node',
    scopes: [],
    kind: 'new-device',
    displayName: 'n',
    ...more,
  };
}

interface Given {
  readonly against?: ReturnType<typeof compile>;
  readonly inDetail?: boolean;
}

function replay(
  policy: ReturnType<typeof compile>,
  records: readonly Line[],
  { against, inDetail = true }: Given = {},
): { readonly report: SimulationReport; readonly actions: readonly Action[] } {
  const simulation = new Simulation(policy, { against, inDetail });
  const actions = records.map(
    (record, i) =>
      simulation.replay({
        file: 'r.jsonl',
        line: i + 1,
        record,
        expect: record.expect,
        outcome: record.outcome,
      }).decision.action,
  );
  return { report: simulation.report(), actions };
}

describe('limits in a replay', () => {
  it("count along the recording's own time", () => {
    const minutes = [0, 1, 2, 59, 60, 61, 62];
    const { actions, report } = replay(
      compile('nodes'),
      minutes.map((minute) => node(minute)),
    );
    expect(actions).toEqual(['approve', 'approve', 'hold', 'hold', 'approve', 'approve', 'hold']);
    expect(report.decisions).toContainEqual({
      action: 'hold',
      rule: 'nodes',
      cause: 'limit',
      connects: 3,
    });
  });

  it('count what the record was decided with, where it has that', () => {
    const spent = { limits: { nodes: { '': [1, 2].map((at) => ({ at, ask: null })) } } };
    const records = [
      node(0, { context: spent }),
      node(1),
      node(2, { context: { limits: {} } }),
      node(3),
    ];
    const { actions } = replay(compile('nodes'), records);
    expect(actions).toEqual(['hold', 'approve', 'approve', 'hold']);
  });

  it('are counted apart for the policy that is compared with', () => {
    const { report } = replay(compile('nodes', 'admins'), [node(0), node(1), node(2)], {
      against: compile('nodes'),
    });
    expect(report.changes).toMatchObject({ compared: 3, changed: 0 });
  });
});

describe('the report', () => {
  const operator = { role: 'operator', kind: 'new-device', displayName: 'o', ts: 0 };
  const records: Line[] = [
    node(0, { expect: 'approve', outcome: 'hold' }),
    node(1, {
      scopes: ['operator.admin'],
      expect: 'approve',
      outcome: 'approve',
      displayName: 'x'.repeat(500),
    }),
    node(2, { displayName: 'lost', outcome: 'deny' }),
    { ...operator, remoteIp: '127.0.0.1', scopes: [] },
    {
      ...operator,
      remoteIp: '8.8.8.8',
      scopes: ['operator.read', 'operator.write'],
      clientMode: 'cli',
    },
    {
      ...operator,
      remoteIp: '8.8.4.4',
      scopes: ['operator.write', 'operator.read'],
      clientMode: 'cli',
    },
    { ...operator, kind: 'reconnect', scopes: ['operator.admin'] },
  ];
  const policy = compile('nodes', 'admins', 'lost', 'local', 'expired');
  const { report } = replay(policy, records);

  it('counts actions and decisions', () => {
    expect(report.connects).toBe(7);
    expect(report.actions).toEqual({ approve: 2, hold: 4, deny: 1 });
    expect(report.decisions).toContainEqual({
      action: 'hold',
      rule: null,
      cause: 'default',
      connects: 2,
    });
  });

  it('counts by rule, in document order, the paired last', () => {
    expect(
      report.rules.map(({ id, decided, true: truth, unknown }) => [id, decided, truth, unknown]),
    ).toEqual([
      ['nodes', 1, 2, 0],
      ['admins', 1, 1, 0],
      ['lost', 1, 1, 0],
      ['local', 0, 0, 1],
      ['expired', 0, 0, 0],
      ['(paired)', 1, 1, 0],
    ]);
  });

  it('says for which facts a rule was unknown', () => {
    expect(report.rules.find(({ id }) => id === 'local')?.missing).toEqual([
      { fact: 'forwarded', connects: 1 },
    ]);
    expect(report.unknown).toEqual({ connects: 1, facts: [{ fact: 'forwarded', connects: 1 }] });
  });

  it('says that a rule was unknown for want of the time', () => {
    const { report: timeless } = replay(compile('expired'), [{ displayName: 'never' }]);
    expect(timeless.rules[0]).toMatchObject({
      unknown: 1,
      missing: [{ fact: 'now', connects: 1 }],
    });
  });

  it('lists the expectations that failed', () => {
    expect(report.expectations).toMatchObject({ met: 1, failedCount: 1 });
    expect(report.expectations.failed).toEqual([
      {
        file: 'r.jsonl',
        line: 2,
        deviceId: null,
        displayName: `${'x'.repeat(120)}…`,
        remoteIp: '10.0.0.7',
        roles: ['node'],
        expect: 'approve',
        action: 'hold',
        rule: 'admins',
        cause: 'rule',
        reason: expect.any(String),
      },
    ]);
  });

  it('compares with the recorded outcomes', () => {
    expect(report.outcomes).toMatchObject({
      compared: 3,
      changed: 2,
      newlyApproved: 1,
      newlyHeld: 1,
    });
    expect(report.outcomes.connects.map(({ line, change }) => [line, change])).toEqual([
      [1, 'newly-approved'],
      [2, 'newly-held'],
    ]);
    expect(report.changes).toBeUndefined();
  });

  it('groups the connects that met no rule', () => {
    expect(report.unmatched).toEqual({
      connects: 2,
      others: 0,
      groups: [
        {
          roles: ['operator'],
          clientMode: 'cli',
          kind: 'new-device',
          network: 'public',
          scopes: ['operator.read', 'operator.write'],
          connects: 2,
          sample: { file: 'r.jsonl', line: 5 },
        },
      ],
    });
  });

  it('decides the same without detail, and counts neither rules nor groups', () => {
    const { report: quick } = replay(policy, records, { inDetail: false });
    expect({ ...quick, rules: [], unmatched: {} }).toEqual({ ...report, rules: [], unmatched: {} });
    expect(quick.unmatched).toEqual({ connects: 2, groups: [], others: 0 });
    expect(quick.rules[0]).toMatchObject({ decided: 1, true: 0 });
  });
});

describe('the networks of unmatched connects', () => {
  const cases: [string | undefined, string][] = [
    ['127.0.0.9', 'loopback'],
    ['::1', 'loopback'],
    ['100.101.102.103', 'tailnet'],
    ['192.168.5.77', '192.168.5.0/24'],
    ['fd00:1:2:3:4::5', 'fd00:1:2:3::/64'],
    ['9.9.9.9', 'public'],
    [undefined, 'unknown'],
  ];
  it.each(cases)('%s is %s', (remoteIp, network) => {
    const { report } = replay(compile(), [{ remoteIp }]);
    expect(report.unmatched.groups.map((group) => group.network)).toEqual([network]);
  });
});

describe('what is kept of a long recording', () => {
  const many = Array.from({ length: 1500 }, (_, i) =>
    node(i, {
      clientMode: `mode-${i}${'x'.repeat(300)}`,
      scopes: Array.from({ length: 30 }, (_scope, j) => `s${j}`),
      expect: 'deny',
      outcome: 'deny',
    }),
  );
  const simulation = new Simulation(compile(), { against: compile('lost'), inDetail: true });
  for (const [i, record] of many.entries()) {
    simulation.replay({ file: 'r', line: i + 1, record, expect: 'deny', outcome: 'approve' });
    simulation.addBad({
      file: 'r',
      line: 1,
      column: 1,
      endLine: 1,
      endColumn: 1,
      code: 'RECORD_TORN',
      severity: 'warning',
      message: '',
      hint: '',
    });
  }
  const report = simulation.report();

  it('is bounded, and counted in full', () => {
    expect(report.expectations).toMatchObject({ met: 0, failedCount: 1500 });
    expect(report.expectations.failed).toHaveLength(1000);
    expect(report.outcomes.newlyHeld).toBe(1500);
    expect(report.outcomes.connects).toHaveLength(1000);
    expect(report.bad).toHaveLength(1000);
    expect(report.badCount).toBe(1500);
    expect(report.unmatched.groups).toHaveLength(500);
    expect(report.unmatched).toMatchObject({ connects: 1500, others: 1000 });
  });

  it('is bounded in each text', () => {
    const [group] = report.unmatched.groups;
    expect(group?.clientMode).toHaveLength(121);
    expect(group?.scopes).toHaveLength(21);
  });
});

describe('a comparison', () => {
  const lines = [
    node(0),
    node(1, { displayName: 'lost' }),
    node(2, { scopes: ['operator.admin'] }),
  ];

  it('lists newly approved connects first', () => {
    const before = compile('lost', 'admins');
    const { report } = replay(compile('nodes'), [lines[2], lines[1], lines[0]] as Line[], {
      against: before,
    });
    expect(report.changes).toMatchObject({
      changed: 2,
      newlyApproved: 2,
      newlyDenied: 0,
      newlyHeld: 0,
    });
    const back = replay(before, lines, { against: compile('nodes') }).report.changes;
    expect(
      back?.connects.map(({ line, change, was, wasRule, action, rule }) => [
        line,
        change,
        was,
        wasRule,
        action,
        rule,
      ]),
    ).toEqual([
      [2, 'newly-denied', 'approve', 'nodes', 'deny', 'lost'],
      [1, 'newly-held', 'approve', 'nodes', 'hold', null],
    ]);
  });

  it('counts connects that get the same by another rule', () => {
    const { report } = replay(compile('admins'), [...lines, lines[2]] as Line[], {
      against: compile(),
    });
    expect(report.changes).toMatchObject({ changed: 0, connects: [] });
    expect(report.changes?.ruleChanges).toEqual([
      { action: 'hold', was: null, rule: 'admins', connects: 2 },
    ]);
  });
});
