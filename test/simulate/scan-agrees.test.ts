/** The fast way of reading a line and the full one must come to the same, whatever the line is. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildPolicy } from '../../src/engine/index.js';
import type { Facts, Problem } from '../../src/model/index.js';
import { ProblemList } from '../../src/policy/index.js';
import { type ConnectLine, momentOf, parseGiven } from '../../src/simulate/index.js';
import type { ReplayedConnect } from '../../src/simulate/outcome.js';
import { parseLine } from '../../src/simulate/parse-line.js';
import { RecordingReplay } from '../../src/simulate/replay-blocks.js';
import { ConnectScanner } from '../../src/simulate/scan-connect.js';
import { LineScanner } from '../../src/simulate/scan-line.js';
import { Simulation } from '../../src/simulate/simulation.js';

const KEY = 'khZoNaObxXj273xRT_lSfCzbtBw6w3XAFgPhdSLQ3Zo';
const ID = 'b0b29a5c2e6686f40f06748168c4712532a324ce87a81869a17fffdde5f8d29f';

/** Values as JSON texts, also such as no serialiser writes, and some that are no JSON. */
const TEXTS = [
  '"operator"',
  '"node"',
  '"cli"',
  '""',
  '" node "',
  '"a\\u0062c"',
  '"\\ud83d\\ude00"',
  '"\\ud800"',
  '"é"',
  '"😀"',
  '"a\\nb"',
  '"\u007f"',
  `"${KEY}"`,
  `"${ID}"`,
  `"${ID.toUpperCase()}"`,
  '"192.168.77.10"',
  '"::ffff:10.0.0.1"',
  '"fe80::1%eth0"',
  '"010.0.0.1"',
  '"2026-01-01T00:00:00Z"',
  '"approve"',
  '"hold"',
  '"tailscale"',
  '"new-device"',
  '"node-commands"',
  '"reconnect"',
  '0',
  '-0',
  '1',
  '1795218204249',
  '1795218204249.0',
  '1.795e12',
  '1E5',
  '01',
  '1.',
  '.5',
  '-',
  '+1',
  '8640000000000001',
  '123456789012345678901234567890',
  'true',
  'false',
  'null',
  'nul',
  'True',
  'NaN',
  '[]',
  '[ ]',
  '["node"]',
  '["operator.read","operator.write"]',
  '[ "node" , "operator" ]',
  '["node",]',
  '["node" "x"]',
  '[1]',
  '[null]',
  '[["node"]]',
  '["\\u006eode"]',
  '{}',
  '{"a":1}',
  '{"a":{"b":[1,{}]}}',
  '{"a"}',
  '{"a":1,}',
  '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]',
  '{"now":1,"ownAddresses":["10.0.0.1"]}',
  '"unended',
  '"tab\there"',
  '"nul\u0000"',
];
const NAMES = [
  'ts',
  'requestId',
  'deviceId',
  'publicKey',
  'remoteIp',
  'forwarded',
  'clientId',
  'clientMode',
  'platform',
  'displayName',
  'role',
  'roles',
  'scopes',
  'commands',
  'authMethod',
  'authUser',
  'kind',
  'gateway',
  'isRepair',
  'silent',
  'context',
  'expect',
  'outcome',
  '__proto__',
  'other',
  'other',
  'other',
  'r\\u006fle',
  'é',
  '',
];
/** Mostly what fits, so that many lines are records. */
const FITTING: Readonly<Record<string, readonly string[]>> = {
  ts: ['1795218204249', '"2026-01-01T00:00:00Z"', '0'],
  deviceId: [`"${ID}"`],
  publicKey: [`"${KEY}"`],
  remoteIp: ['"192.168.77.10"', '"::1"', '"10.0.0.1"'],
  forwarded: ['true', 'false'],
  role: ['"node"', '"operator"'],
  roles: ['["node"]', '["operator","node"]', '[]'],
  scopes: ['[]', '["operator.read"]', '["operator.read","operator.write"]'],
  isRepair: ['true', 'false'],
  kind: ['"new-device"', '"reconnect"', '"node-commands"'],
  expect: ['"approve"', 'null'],
  context: ['null'],
  clientMode: ['"cli"', '"ui"', '"node"'],
};

const PLAIN = ['"plain"'];

const blank = fc.constantFrom('', '', '', '', ' ', '\t', '  ', '\r');
const member = fc
  .tuple(
    fc.constantFrom(...NAMES),
    fc.integer({ min: 0, max: 99 }),
    fc.constantFrom(...TEXTS),
    blank,
    blank,
    blank,
  )
  .map(([name, choice, text, a, b, c]) => {
    const fitting = FITTING[name];
    const value = choice < 92 ? (fitting ?? PLAIN)[choice % (fitting ?? PLAIN).length] : text;
    return `${a}"${name}"${b}:${c}${value}${a}`;
  });
const object = fc
  .tuple(fc.array(member, { maxLength: 14 }), blank, blank)
  .map(([members, a, b]) => `${a}{${members.join(',')}}${b}`);
const broken = fc
  .tuple(
    object,
    fc.nat(400),
    fc.constantFrom('', '"', '\\', ',', '}', '{', '[', ']', ':', 'é', '\u0001', '0'),
  )
  .map(([text, at, put]) => text.slice(0, at) + put + text.slice(at + 1));
const line = fc.oneof(
  { weight: 5, arbitrary: object },
  { weight: 2, arbitrary: broken },
  fc.json(),
  fc.constantFrom('', ' ', '\r', 'x', '[]', '1'),
);
const bytes = fc.oneof(
  { weight: 20, arbitrary: line.map((text) => Buffer.from(text.replaceAll('\n', ' '))) },
  {
    weight: 1,
    arbitrary: fc
      .uint8Array({ maxLength: 60 })
      .map((raw) => Buffer.from(raw.filter((byte) => byte !== 10))),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(object, fc.nat(300)).map(([text, at]) => {
      const raw = Buffer.from(text);
      if (raw.length > 0) raw[at % raw.length] = 0xff;
      return raw;
    }),
  },
);

const policy = buildPolicy([
  {
    path: 'p.yaml',
    kind: 'policy',
    text: `version: 1
rules:
  - { id: nodes, action: approve, when: { from: 192.168.77.0/24, role: node, scopes: { within: [] }, kind: new-device }, limit: { max: 3, per: 1h, by: remoteIp } }
  - { id: local, action: approve, when: { from: [loopback, own-address], role: operator, scopes: { within: [operator.read] } } }
  - { id: admin, action: hold, when: { scopes: { any: [operator.admin] } } }
  - { id: phones, action: deny, when: { displayName: "*x*", clientMode: ui } }
`,
  },
]);

interface Told {
  readonly problems: Problem[];
  readonly decisions: unknown[];
}

function replayFast(lines: readonly Buffer[], given: readonly string[], inDetail: boolean) {
  const setup = { given: parseGiven(given, new ProblemList()) };
  const simulation = new Simulation(policy.compiled, { ...setup, inDetail });
  const told: Told = { problems: [], decisions: [] };
  const scanner = new ConnectScanner(setup, [policy.document]);
  const sink = {
    bad: (problem: Problem) => told.problems.push(problem),
    decided: ({ line: at, expect: must, outcome }: ConnectLine, { decision }: ReplayedConnect) =>
      told.decisions.push([at, must, outcome, decision]),
  };
  const replay = new RecordingReplay('r', { simulation, scanner, sink });
  const block = Buffer.concat(lines.flatMap((one) => [one, Buffer.from('\n')]));
  if (block.length > 0) replay.replay({ bytes: block, ended: true });
  return { ...told, report: simulation.report() };
}

function replayFully(lines: readonly Buffer[], given: readonly string[], inDetail: boolean) {
  const setup = { given: parseGiven(given, new ProblemList()) };
  const simulation = new Simulation(policy.compiled, { ...setup, inDetail });
  const told: Told = { problems: [], decisions: [] };
  lines.forEach((one, index) => {
    const parsed = parseLine('r', { line: index + 1, bytes: one, ended: true });
    told.problems.push(...parsed.problems);
    if (!parsed.connect) return;
    const { decision } = simulation.replay(parsed.connect);
    told.decisions.push([index + 1, parsed.connect.expect, parsed.connect.outcome, decision]);
  });
  return { ...told, report: simulation.report() };
}

describe('the fast reader', () => {
  test.each([[[]], [['forwarded=false']], [['kind=new-device', 'role=node', 'scopes=[]']]])(
    'comes to the same as the full parser, given %j',
    (given) => {
      fc.assert(
        fc.property(fc.array(bytes, { maxLength: 12 }), fc.boolean(), (lines, inDetail) => {
          expect(replayFast(lines, given, inDetail)).toEqual(replayFully(lines, given, inDetail));
        }),
        { numRuns: 400 },
      );
    },
  );

  test('makes the same facts of every line that it is sure of, and is sure of plain ones', () => {
    let sure = 0;
    const scanner = new ConnectScanner({}, []);
    const all = new LineScanner();
    fc.assert(
      fc.property(bytes, (one) => {
        const block = Buffer.concat([
          one,
          Buffer.from('\n'),
          Buffer.alloc(40, 0x20),
          Buffer.from('\n'),
        ]);
        all.begin(block);
        scanner.begin(block);
        const end = all.scan(0);
        if (end < 0) return;
        expect(end).toBe(one.length);
        const { connect } = parseLine('r', { line: 1, bytes: one, ended: true });
        const scanned = scanner.scan(0);
        expect(scanned === undefined).toBe(connect === undefined);
        if (!connect || !scanned) return;
        sure += 1;
        const full = momentOf(connect.record, {}).circumstances;
        const unread: Partial<Facts> = {
          requestId: undefined,
          clientVersion: undefined,
          gatewayVersion: undefined,
          silent: undefined,
        };
        expect(scanned.moment.circumstances).toEqual({
          ...full,
          facts: { ...full.facts, ...unread },
        });
      }),
      { numRuns: 3000 },
    );
    expect(sure).toBeGreaterThan(300);
  });
});
