import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../../src/engine/index.js';
import { ProblemList } from '../../src/policy/index.js';
import { parseGiven, readRecording, Simulation } from '../../src/simulate/index.js';

const policy = await loadPolicy('policies/pairing.yaml');
const given = parseGiven(['forwarded=false', 'role=node'], new ProblemList());
const shipped = readFileSync('recordings/openclaw-2026.9.6.jsonl').subarray(0, 4000);
const compressed = gzipSync(shipped);

/** Replays bytes; every line must end as a record or a problem. */
async function replay(bytes: Buffer): Promise<void> {
  const simulation = new Simulation(policy.compiled, { given, inDetail: true });
  let connects = 0;
  for await (const lines of readRecording('-', Readable.from([bytes]))) {
    for (const { connect, problems } of lines) {
      for (const problem of problems) {
        expect(problem.column).toBeGreaterThan(0);
        simulation.addBad(problem);
      }
      if (!connect) continue;
      connects += 1;
      simulation.replay(connect);
    }
  }
  expect(simulation.report().connects).toBe(connects);
}

const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(3)), { minLength: 1, maxLength: 8 });

/** Replaces, drops and repeats bytes. */
function mutate(bytes: Buffer, list: readonly (readonly [number, number, number])[]): Buffer {
  return list.reduce((before, [place, byte, kind]) => {
    const at = place % before.length;
    const dropped = kind === 1 ? 1 : 0;
    const middle = kind === 2 ? before.subarray(at, at + byte) : Buffer.from([byte]);
    return Buffer.concat([before.subarray(0, at), middle, before.subarray(at + 1 + dropped)]);
  }, bytes);
}

describe('a replay', () => {
  it.each([
    ['a recording', shipped],
    ['gzip', compressed],
  ])('never fails, whatever bytes are wrong in %s', async (_name, bytes) => {
    await fc.assert(
      fc.asyncProperty(edits, async (list) => replay(mutate(bytes, list))),
      { numRuns: 300 },
    );
  });

  it('never fails, whatever a record holds', async () => {
    const fields = [
      'context',
      'expect',
      'role',
      'scopes',
      'deviceId',
      'publicKey',
      'ts',
      '__proto__',
    ];
    const record = fc.dictionary(fc.constantFrom(...fields), fc.jsonValue());
    const context = fc.record({
      now: fc.jsonValue(),
      ownAddresses: fc.jsonValue(),
      limits: fc.jsonValue(),
    });
    await fc.assert(
      fc.asyncProperty(record, context, async (one, two) =>
        replay(Buffer.from(`${JSON.stringify(one)}\n${JSON.stringify({ context: two })}`)),
      ),
      { numRuns: 300 },
    );
  });
});
