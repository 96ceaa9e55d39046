/** A line that is counted because one that is alike was decided must come to what it would come to by itself. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildPolicy } from '../../src/engine/index.js';
import { ProblemList } from '../../src/policy/index.js';
import {
  type ConnectLine,
  ConnectScanner,
  parseGiven,
  type ReplayedConnect,
  rememberLines,
} from '../../src/simulate/index.js';
import { parseLine } from '../../src/simulate/parse-line.js';
import { RecordingReplay } from '../../src/simulate/replay-blocks.js';
import { Simulation } from '../../src/simulate/simulation.js';

const KEY = 'khZoNaObxXj273xRT_lSfCzbtBw6w3XAFgPhdSLQ3Zo';
const ID = 'b0b29a5c2e6686f40f06748168c4712532a324ce87a81869a17fffdde5f8d29f';

function policyOf(...rules: string[]) {
  const text = `version: 1\nrules:\n${rules.map((rule) => `  - ${rule}\n`).join('')}`;
  return buildPolicy([{ path: 'p.yaml', kind: 'policy', text }]);
}

const NODES =
  'action: approve, when: { from: 192.168.77.0/24, role: node, scopes: { within: [] } }';
const FORMER = policyOf(
  `{ id: nodes, ${NODES} }`,
  '{ id: x, action: deny, when: { platform: x } }',
);
const POLICIES = {
  plain: policyOf(
    `{ id: nodes, ${NODES} }`,
    '{ id: admin, action: hold, when: { scopes: { any: [operator.admin] } } }',
  ),
  'that expires': policyOf(
    `{ id: soon, expires: 2026-11-20T00:00:00Z, ${NODES} }`,
    `{ id: later, expires: 2026-11-20T00:30:00Z, ${NODES} }`,
    '{ id: gone, expires: 2020-01-01T00:00:00Z, action: deny, when: { role: node } }',
  ),
  'with a limit': policyOf(
    `{ id: few, limit: { max: 3, per: 1h, by: deviceId }, ${NODES} }`,
    '{ id: admin, action: hold, when: { scopes: { any: [operator.admin] } } }',
  ),
  'with hours': policyOf(`{ id: early, action: hold, when: { time: { between: "00:00-00:20" } } }`),
  'that reads the id': policyOf(
    '{ id: odd, action: hold, when: { logic: { in: [{ var: requestId }, [r-1, r-2]] } } }',
    '{ id: x, action: deny, when: { logic: { "===": [{ var: platform }, x] } } }',
  ),
};

/** 2026-11-20T00:00:00Z, around which rules expire. */
const START = 1_795_132_800_000;
const times = fc.integer({ min: -3, max: 3 }).map((step) => String(START + step * 1_200_000));
const ids = fc.constantFrom('r-1', 'r-2', 'r-3', 'é', '\\u0041', '');
const passing = fc.oneof(
  { weight: 30, arbitrary: times.map((time) => `"ts":${time}`) },
  { weight: 30, arbitrary: ids.map((id) => `"requestId":"${id}"`) },
  fc.constantFrom(
    '"ts":null',
    '"ts":1.5',
    '"ts":"2026-11-20T00:10:00Z"',
    `"ts":0${START}`,
    '"ts":12345678901234567890',
    `"ts" :${START}`,
    `"\\u0074s":${START}`,
    '"requestId":null',
    '"requestId":7',
    `"x":{"ts":${START}}`,
    `"x":"\\"ts\\":5"`,
    '"context":{"now":0}',
    '"context":null',
    '"é":1',
  ),
);
const staying = fc.constantFrom(
  `"deviceId":"${ID}","publicKey":"${KEY}","remoteIp":"192.168.77.10","role":"node","scopes":[],"commands":[],"forwarded":false`,
  `"deviceId":"${ID}","remoteIp":"192.168.77.10","role":"node","scopes":[],"displayName":"Jörg","outcome":"approve","commands":[]`,
  `"deviceId":"${ID}","remoteIp":"192.168.77.11","role":"node","scopes":[],"expect":"hold","commands":[],"platform":"x"`,
  `"deviceId":"${ID}","remoteIp":"10.0.0.1","role":"operator","scopes":["operator.admin"],"outcome":"approve","clientMode":"ui"`,
  `"deviceId":"${ID}","role":"operator","scopes":["operator.read"],"expect":"maybe","clientMode":"ui","displayName":"plain"`,
  `"deviceId":"${ID.replace('b', 'c')}","publicKey":"${KEY}","remoteIp":"10.0.0.1","displayName":"made up"`,
);
const line = fc
  .tuple(
    fc.array(passing, { maxLength: 2 }),
    staying,
    fc.array(passing, { maxLength: 2 }),
    fc.constantFrom('', '', '', '', '', '', '', '\r', ',', '}'),
  )
  .map(([head, middle, tail, end]) => `{${[...head, middle, ...tail].join(',')}}${end}`);
/** Few lines, in any order, so that most come again. */
const recording = fc
  .array(line, { minLength: 1, maxLength: 5 })
  .chain((lines) =>
    fc.array(fc.tuple(fc.constantFrom(...lines), times, ids, fc.boolean()), {
      minLength: 8,
      maxLength: 40,
    }),
  )
  .map((picked) =>
    picked.map(([text, time, id, isAnother]) =>
      isAnother ? text.replace(/"ts":\d{13}\b/, `"ts":${time}`).replace(/"r-\d"/, `"${id}"`) : text,
    ),
  );

interface Way {
  readonly policy: keyof typeof POLICIES;
  readonly inDetail: boolean;
  readonly compares: boolean;
  readonly given: readonly string[];
}

function start({ policy, inDetail, compares, given }: Way) {
  const { compiled, document } = POLICIES[policy];
  const against = compares ? FORMER.compiled : undefined;
  const setup = { given: parseGiven(given, new ProblemList()) };
  const simulation = new Simulation(compiled, { ...setup, against, inDetail });
  const told: unknown[] = [];
  return { compiled, document, against, setup, simulation, told };
}

function replayRemembering(lines: readonly string[], cuts: number, way: Way) {
  const { compiled, document, against, setup, simulation, told } = start(way);
  const remembered = rememberLines(simulation, against ? [compiled, against] : [compiled], setup);
  const scanner = new ConnectScanner(setup, [document, FORMER.document]);
  const sink = {
    bad: (problem: unknown) => told.push(problem),
    decided: (connect: ConnectLine, { decision, was }: ReplayedConnect) =>
      told.push(tellConnect(connect, decision, was)),
  };
  const replay = new RecordingReplay('r', { simulation, scanner, sink, remembered });
  let hits = 0;
  const repeat = simulation.repeat.bind(simulation);
  simulation.repeat = (connect, outcome) => {
    hits += 1;
    repeat(connect, outcome);
  };
  for (let at = 0; at < lines.length; at += cuts) {
    const text = lines.slice(at, at + cuts).map((one) => `${one}\n`);
    replay.replay({ bytes: Buffer.from(text.join('')), ended: true });
  }
  remembered?.settle();
  return { hits, told, report: simulation.report() };
}

function replayEach(lines: readonly string[], way: Way) {
  const { simulation, told } = start(way);
  lines.forEach((text, index) => {
    const raw = { line: index + 1, bytes: Buffer.from(text), ended: true };
    const { connect, problems } = parseLine('r', raw);
    told.push(...problems);
    if (!connect) return;
    const { decision, was } = simulation.replay(connect);
    told.push(tellConnect(connect, decision, was));
  });
  return { told, report: simulation.report() };
}

function tellConnect({ file, line: at, expect: must, outcome }: ConnectLine, ...rest: unknown[]) {
  return [file, at, must, outcome, ...rest];
}

describe.each(Object.keys(POLICIES) as (keyof typeof POLICIES)[])('by a policy %s', (policy) => {
  test('lines that are alike come to what each would come to by itself', () => {
    let hits = 0;
    fc.assert(
      fc.property(
        recording,
        fc.integer({ min: 1, max: 50 }),
        fc.record({
          policy: fc.constant(policy),
          inDetail: fc.boolean(),
          compares: fc.boolean(),
          given: fc.constantFrom([], [], ['forwarded=false'], [`ts=${START}`]),
        }),
        (lines, cuts, way) => {
          const { hits: found, ...remembering } = replayRemembering(lines, cuts, way);
          hits += found;
          expect(remembering).toEqual(replayEach(lines, way));
        },
      ),
      { numRuns: 400 },
    );
    // Where the time itself decides, nothing may be taken for alike.
    if (policy === 'with hours' || policy === 'that reads the id') expect(hits).toBe(0);
    else expect(hits).toBeGreaterThan(200);
  });
});
