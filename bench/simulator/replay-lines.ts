/**
 * What a user would write to replay a recording without us: `readline`, `JSON.parse`, and a peer
 * that decides, or nothing. Arguments: the peer, the number of rules, the recording.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import ipaddr from 'ipaddr.js';
import { createRecordLoop } from '../contenders/address-loop.js';
import { parseCel } from '../contenders/cel.js';
import { compileLogic } from '../contenders/json-logic.js';
import { toTests } from '../contenders/plain-tests.js';
import { inOrder, toCheckedPolicy } from '../policies/checked-policy.js';
import { makeFleet } from '../policies/fleet.js';
import type { PlainRecord } from '../policies/plain-policy.js';
import { SCOPES } from '../policies/vocabulary.js';

const [peer = 'none', rules = '0', recording = ''] = process.argv.slice(2);
const decide = await makeDecide(peer, Number(rules));
const counts = new Map<number, number>();
let lines = 0;
const start = performance.now();
for await (const line of createInterface({
  input: createReadStream(recording),
  crlfDelay: Infinity,
})) {
  const answer = decide(JSON.parse(line) as PlainRecord);
  counts.set(answer, (counts.get(answer) ?? 0) + 1);
  lines += 1;
}
console.log(
  JSON.stringify({ lines, ms: performance.now() - start, unmatched: counts.get(-1) ?? 0 }),
);

async function makeDecide(name: string, size: number): Promise<(record: PlainRecord) => number> {
  if (name === 'none') return () => -1;
  const tests = toTests(inOrder(toCheckedPolicy(makeFleet(size).policy)), SCOPES);
  if (name === 'loop') return createRecordLoop(tests);
  if (name === 'cel') {
    const expressions = await parseCel(tests);
    return (record) => expressions.findIndex((holds) => holds(record) === true);
  }
  const compiled = await compileLogic(tests);
  return (record) => {
    const data = { ...record, ip: ipaddr.process(record.remoteIp) };
    return compiled.findIndex((holds) => holds(data));
  };
}
